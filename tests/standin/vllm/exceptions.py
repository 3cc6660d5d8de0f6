"""As in vLLM: what a request got wrong."""


class VLLMClientError(Exception):
    pass


class VLLMValidationError(VLLMClientError):
    pass
