"""Chat templates: the same text as transformers makes, and nothing that a hostile template could get at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from transformers.utils.chat_template_utils import render_jinja_template

from evolve.errors import ConfigError
from evolve.exporting import load_template

CHAT = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Sort {{ names }} <b>now</b>.\n\n"},
    {"role": "assistant", "content": "sorted(names)"},
]
CHATML = """{% for message in messages %}
    {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}
{% endfor %}
{% if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{% endif %}"""
TEMPLATES = {
    "chatml": CHATML,
    "generation": "{% for m in messages %}{% generation %}{{ m.content | trim }}{% endgeneration %}{% endfor %}",
    "namespace": "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}",
    "loop-controls": "{% for m in messages %}{% if loop.first %}{% continue %}{% endif %}{{ m.role }}{% endfor %}",
    "tojson": "{{ messages | tojson }}{{ dict(a=1, b='é') | tojson(indent=2) }}",
    "no-tools": "{% if tools is not none %}tools{% endif %}{% if documents is none %}none{% endif %}",
    "tokens": "{{ bos_token }}{{ messages[1].content }}{{ eos_token }}",
    "date": "{% if strftime_now is defined and false %}{{ strftime_now('%Y') }}{% else %}26 Jul{% endif %}",
}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_a_template_says_what_transformers_says(tmp_path: Path, template: str) -> None:
    tokens = {"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": False}}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": template, **tokens}))
    (expected,), _ = render_jinja_template([CHAT], chat_template=template, bos_token="<s>", eos_token="</s>")
    assert load_template(str(tmp_path)).render(CHAT) == expected


def test_a_file_beside_the_config_goes_before_it(tmp_path: Path) -> None:
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": "old"}))
    (tmp_path / "chat_template.jinja").write_text("new")
    assert load_template(str(tmp_path)).render(CHAT) == "new"


def test_of_several_templates_the_default_is_taken(tmp_path: Path) -> None:
    named = [{"name": "tool_use", "template": "tools"}, {"name": "default", "template": "plain"}]
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": named}))
    assert load_template(str(tmp_path)).render(CHAT) == "plain"


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ messages.__init__.__globals__ }}",
        "{{ messages.append(1) }}",
        "{{ namespace.__init__.__globals__ }}",
        "{% set ns = namespace() %}{% set ns._x = 1 %}",
        "{% set ns = namespace(_x=1) %}",
        "{{ dict.__subclasses__() }}",
        "{{ dict.mro() }}",
        "{{ raise_exception.__globals__.x }}",
        "{{ cycler.__init__.__globals__ }}",
        "{% for n in range(10000000000) %}{% endfor %}",
        "{{ '%s' | format(self.__init__) }}{{ self.__init__.__globals__ }}",
        "{% include '/etc/hostname' %}",
        "{% import 'os' as os %}",
    ],
)
def test_a_hostile_template_gets_at_nothing(tmp_path: Path, template: str) -> None:
    (tmp_path / "t.jinja").write_text(template)
    with pytest.raises(ConfigError, match=r"it fails|not a template"):
        load_template(str(tmp_path / "t.jinja")).render(CHAT)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "neither chat_template.jinja nor"),
        ({"tokenizer_config.json": "[]"}, "neither chat_template.jinja nor"),
        ({"tokenizer_config.json": "{"}, "not valid JSON"),
        ({"chat_template.jinja": "{% if %}"}, "not a template"),
        ({"chat_template.jinja": "\xff" * 2**20}, "longer than"),
        ({"chat_template.jinja": "{{ raise_exception('roles must alternate') }}"}, "roles must alternate"),
        ({"chat_template.jinja": "{{ strftime_now('%Y') }}"}, "'strftime_now' is undefined"),
    ],
)
def test_a_template_that_cannot_be_used_is_named(tmp_path: Path, files: dict[str, str], message: str) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(ConfigError, match=message):
        load_template(str(tmp_path)).render(CHAT)


@pytest.mark.parametrize("source", ["none such", "{{ messages }}\n" * 500, "a\0b"])
def test_what_is_no_template_s_name_is_refused(source: str) -> None:
    with pytest.raises(ConfigError, match="no such file or folder"):
        load_template(source)
