"""A stand-in for vLLM 0.33 on machines without its GPUs: the few names that `evolve.teacher.engine` uses, with the same
signatures, over the offline teacher. Which failure is shown depends on the model's name and on words in the prompt.
"""
