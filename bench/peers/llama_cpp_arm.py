"""One arm of a comparison, in a process of its own: llama.cpp through its Python package's C binding.

    python llama_cpp_arm.py MODEL.gguf THREADS PROMPT GENERATE DEPTH

prints one JSON object: load time, tokens a second of pp, tg and tg at depth, peak resident bytes.
"""
import ctypes
import json
import resource
import sys
import time

import llama_cpp


def decode(context, tokens):
    array = (llama_cpp.llama_token * len(tokens))(*tokens)
    if llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(array, len(tokens))) != 0:
        sys.exit("llama_decode failed")


def main():
    path, threads, prompt, generate, depth = sys.argv[1], *map(int, sys.argv[2:6])
    llama_cpp.llama_backend_init()
    quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    start = time.perf_counter()
    model = llama_cpp.llama_model_load_from_file(path.encode(),
                                                 llama_cpp.llama_model_default_params())
    if not model:
        sys.exit(f"{path} could not be loaded")
    parameters = llama_cpp.llama_context_default_params()
    parameters.n_ctx = max(prompt, depth + generate) + 8
    parameters.n_batch = parameters.n_ubatch = 512
    parameters.n_threads = parameters.n_threads_batch = threads
    if hasattr(parameters, "flash_attn_type"):
        parameters.flash_attn_type = 1
    else:
        parameters.flash_attn = True
    context = llama_cpp.llama_init_from_model(model, parameters)
    decode(context, [1])
    load = time.perf_counter() - start
    memory = llama_cpp.llama_get_memory(context)
    vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))

    def tokens(n):
        return [(7919 * i + 11) % vocabulary for i in range(n)]

    def read(n):
        sequence = tokens(n)
        for i in range(0, n, 512):
            decode(context, sequence[i:i + 512])

    def timed(n, body):
        start = time.perf_counter()
        body()
        return n / (time.perf_counter() - start)

    def make():
        for token in tokens(generate):
            decode(context, [token])

    llama_cpp.llama_memory_clear(memory, True)
    read(min(prompt, 64))
    llama_cpp.llama_memory_clear(memory, True)
    result = {"load_seconds": load, "pp": timed(prompt, lambda: read(prompt))}
    llama_cpp.llama_memory_clear(memory, True)
    result["tg"] = timed(generate, make)
    if depth:
        llama_cpp.llama_memory_clear(memory, True)
        read(depth)
        result["tg_deep"] = timed(generate, make)
    result["peak_resident_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    result["version"] = llama_cpp.__version__
    print(json.dumps(result))


main()
