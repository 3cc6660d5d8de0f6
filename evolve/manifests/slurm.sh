#!/bin/bash
# Rendered by: @COMMAND@
# sbatch slurm.sh, in the folder that the config's paths start from. Needs evolve on the PATH of every machine.
# Keys (@KEYS@) are read from the file $EVOLVE_KEYS, lines of NAME=VALUE that you alone can read: not from the
# environment, which Slurm keeps with the job.
#SBATCH --job-name=evolve-@NAME@
#SBATCH --nodes=@NODES@
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=@CPUS@
#SBATCH --mem=@GIB@G
@GPUS@#SBATCH --time=24:00:00
# One job of this name at a time: what the lock in the run's folder does on one machine.
#SBATCH --dependency=singleton
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=evolve-@NAME@.log
# USR1 comes three minutes before the end, and to this script alone.
#SBATCH --signal=B:USR1@180
set -uo pipefail

keep=@FOLDER@
save_every=300
job=${SLURM_JOB_ID:?this is a script for sbatch}
here=${SLURM_TMPDIR:-${TMPDIR:-/tmp}}/evolve-$job
run=$here/run
port=$((20000 + job % 10000))
first=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
others=$((SLURM_JOB_NUM_NODES - 1))
address=$(hostname -I | cut -d ' ' -f 1):$port
export RAY_AUTH_MODE=token
RAY_AUTH_TOKEN=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
export RAY_AUTH_TOKEN
mkdir -p "$run" "$keep" || exit 2
chmod 700 "$here"

cat > "$here/config.yaml" <<'END_OF_CONFIG'
@CONFIG@
END_OF_CONFIG

# The ledger is copied as SQLite copies one that is being written, first here and then in one step over there.
save() {
    [ -f "$run/ledger.db" ] || return 0
    python3 - "$run/ledger.db" "$here/ledger.copy" <<'COPY' || return 1
import sqlite3, sys
source, target = sqlite3.connect(sys.argv[1]), sqlite3.connect(sys.argv[2])
source.backup(target)
target.close()
COPY
    cp "$here/ledger.copy" "$keep/ledger.db.new" && mv "$keep/ledger.db.new" "$keep/ledger.db"
}

if [ -f "$keep/ledger.db" ]; then
    cp -r "$keep/." "$run/" || exit 2
fi

ray start --head --block --disable-usage-stats --port="$port" --num-cpus=@CPUS@ --include-dashboard=false \
    --temp-dir="$here/ray" > "$here/head.log" 2>&1 &
head=$!
# Slurm ends what is left of Ray with the job; a head that is asked to would take its time.
end() {
    kill -KILL "$head" 2> /dev/null
    if [ -n "$kept" ]; then rm -rf "$here" 2> /dev/null; fi
}
kept=1
trap end EXIT
for _ in $(seq 60); do
    ray status --address "$address" > /dev/null 2>&1 && break
    kill -0 "$head" 2> /dev/null || { cat "$here/head.log"; exit 1; }
    sleep 1
done
if [ "$others" -gt 0 ]; then
    srun --nodes="$others" --ntasks="$others" --exclude="$first" --kill-on-bad-exit=0 \
        ray start --block --disable-usage-stats --address="$address" --num-cpus=@CPUS@ > /dev/null 2>&1 &
fi

# The keys are for the run alone, not for the workers.
(
    if [ -n "${EVOLVE_KEYS:-}" ]; then
        set -a
        # shellcheck source=/dev/null
        . "$EVOLVE_KEYS" || exit 2
        set +a
    fi
    exec evolve run --config "$here/config.yaml" --out "$run" --executor ray --address "$address"@OPTIONS@
) &
driver=$!
late=
trap 'late=1; kill -TERM "$driver" 2> /dev/null' USR1
# scancel, and an end without warning, tell every process by themselves; what is left is to bring the run home.
trap : TERM INT
(
    trap 'kill "$nap"; exit' TERM
    while true; do
        sleep "$save_every" &
        nap=$!
        wait "$nap"
        save
    done
) &
saver=$!
while kill -0 "$driver" 2> /dev/null; do wait "$driver"; done
wait "$driver"
code=$?
kill "$saver"
wait "$saver"
if save; then
    rm -f "$run"/ledger.db* "$run/lock"
    cp -r "$run/." "$keep/" || kept=
else
    kept=
fi
if [ -z "$kept" ]; then
    echo "the run could not be brought to $keep; it is in $run on $(hostname)"
    exit 1
fi

# 3: stopped, and resumable. The time that was over is a reason to go on; an endpoint that says no is none.
if [ "$code" = 3 ] && [ -n "$late" ]; then
    scontrol requeue "$job"
fi
exit "$code"
