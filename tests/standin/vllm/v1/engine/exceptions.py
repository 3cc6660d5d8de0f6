"""As in vLLM: its process is gone."""


class EngineDeadError(Exception):
    pass
