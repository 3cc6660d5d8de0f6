"""As in vLLM: how messages become a prompt."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ChatParams:
    chat_template: str | None = None
    chat_template_kwargs: dict[str, Any] = field(default_factory=dict)


class Renderer:
    async def render_chat_async(
        self, conversations: Sequence[list[dict[str, str]]], chat_params: ChatParams
    ) -> tuple[list[Any], list[dict[str, Any]]]:
        prompts = []
        for conversation in conversations:
            text = "".join(f"<{message['role']}>{message['content']}" for message in conversation)
            if chat_params.chat_template_kwargs.get("add_generation_prompt"):
                text += "<assistant>"
            variables = chat_params.chat_template_kwargs
            tokens = list(range(len(text) // 4))
            prompts.append({"type": "token", "prompt": text, "prompt_token_ids": tokens, "variables": variables})
        return list(conversations), prompts
