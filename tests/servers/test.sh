#!/usr/bin/env bash
# The tests against real servers, built once into an environment of their own: about five minutes on two cores and
# 1.4 GB, most of it for compiling llama.cpp (without its optimiser: the models here are tiny). Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-python3}
wanted=$(sha256sum < tests/servers/requirements.txt | cut -c1-12)
home=${XDG_CACHE_HOME:-$HOME/.cache}/evolve/servers-$wanted
if [ ! -e "$home/built" ]; then
    echo "building the servers in $home, once: about five minutes"
    rm -rf "$home"
    "$PYTHON" -m venv "$home"
    # For any processor of this kind, so that a kept environment can move; nothing of llama.cpp but the library.
    export CMAKE_ARGS="-DGGML_NATIVE=OFF -DGGML_OPENMP=OFF -DLLAVA_BUILD=OFF -DLLAMA_BUILD_TOOLS=OFF
        -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TESTS=OFF
        -DCMAKE_C_FLAGS_RELEASE=-O1 -DCMAKE_CXX_FLAGS_RELEASE=-O1"
    "$home/bin/pip" install --quiet --disable-pip-version-check -c constraints.txt -r tests/servers/requirements.txt
    touch "$home/built"
fi
EVOLVE_SERVERS=$home exec "${PYTEST:-.venv/bin/pytest}" -m servers tests/test_servers.py "$@"
