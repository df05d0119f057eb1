"""Makes the models, statistics and weight deltas of this folder. See README.md.

    python3 make.py SOURCES

SOURCES holds checkouts named rome, rebuilding-rome, memit, unified-model-editing, AlphaEdit, PMET and LocFT. Their editing code runs as it is; what they import besides
(transformers, drawing, downloads of statistics, sampling of contexts) is put in their place below, and CUDA is taken for the CPU.
"""
import contextlib
import importlib
import json
import math
import os
import random
import sys
import types
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace

import torch

import models

HERE = Path(__file__).parent
CASES = json.loads((HERE / "cases.json").read_text())
TEMPLATES = dict(
    rewrite_module_tmp="transformer.h.{}.mlp.c_proj", layer_module_tmp="transformer.h.{}", mlp_module_tmp="transformer.h.{}.mlp",
    attn_module_tmp="transformer.h.{}.attn", ln_f_module="transformer.ln_f", lm_head_module="transformer.wte")


def covariance(layer):
    """Random directions with second moments from 10 down to 0.001, a third of them below AlphaEdit's threshold."""
    noise = torch.randn(models.INNER, models.INNER, generator=torch.Generator().manual_seed(100 + layer), dtype=torch.float64)
    directions, _ = torch.linalg.qr(noise)
    moments = torch.logspace(1, -3, models.INNER, dtype=torch.float64)
    matrix = directions * moments @ directions.T
    return (matrix + matrix.T) / 2


def without_cuda():
    def plain(function):
        def call(*args, **kwargs):
            if "cuda" in str(kwargs.get("device")):
                kwargs.pop("device")
            return function(*[arg for arg in args if not (isinstance(arg, (str, torch.device)) and "cuda" in str(arg))], **kwargs)
        return call

    for name in ("zeros", "tensor", "eye"):
        setattr(torch, name, plain(getattr(torch, name)))
    to = torch.Tensor.to
    torch.Tensor.to = lambda self, *args, **kwargs: self if args and "cuda" in str(args[0]) else to(self, *args, **kwargs)
    torch.Tensor.cuda = lambda self: self


def module(name, **contents):
    made = types.ModuleType(name)
    made.__dict__.update(contents)
    sys.modules[name] = made


def stand_ins(pairs):
    """What the sources import besides their own editing code."""
    anything = type("Anything", (), {})
    module("transformers", AutoModelForCausalLM=anything, AutoTokenizer=anything)
    for name in ("", ".gptj", ".gptj.modeling_gptj"):
        module("transformers.models" + name, GPTJForCausalLM=anything)
    module("matplotlib")
    module("matplotlib.style", context=None)
    module("util.generate", generate_fast=None)
    module("util.globals", STATS_DIR="")

    def layer_stats(model, tok, layer_name, *args, **kwargs):
        matrix = covariance(int(layer_name.split(".")[2]))
        statistics = SimpleNamespace(mom2=SimpleNamespace(moment=lambda: matrix))
        return (statistics, None) if pairs else statistics

    module("rome.layer_stats", layer_stats=layer_stats)
    module("rome.layer_stats_dynamic", layer_stats_dynamic=None)


@contextlib.contextmanager
def source(folder, pairs=False):
    kept = set(sys.modules)
    sys.path.insert(0, str(folder))
    stand_ins(pairs)
    with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing):
        yield
    sys.path.pop(0)
    for name in set(sys.modules) - kept:
        if name.split(".")[0] in ("rome", "memit", "emmet", "pmet", "AlphaEdit", "util", "hparams"):
            del sys.modules[name]


def hparams(options):
    value = options["value"]
    return SimpleNamespace(
        layers=options.get("layers") or [options["layer"]], fact_token="subject_last", v_num_grad_steps=value["steps"],
        v_lr=value["learning-rate"], v_loss_layer=models.LAYERS - 1, v_weight_decay=value["weight-decay"], clamp_norm_factor=value["clamp"],
        kl_factor=value.get("kl-factor", 0.0625), mom2_adjustment=True, mom2_update_weight=options.get("covariance-weight"), mom2_dataset="", mom2_n_samples=0,
        mom2_dtype="", context_template_length_params=None, update_norm_lambda=0, emmet_lambda=options.get("alpha"),
        calculate_objective_value=False, nullspace_threshold=options.get("null-threshold"), L2=options.get("l2"),
        enable_prompt_keys=False, enable_random_prefix_keys=True, original_implementation=False, nll_loss_factor=1,
        rewrite_module_tmps=[TEMPLATES["rewrite_module_tmp"]], **TEMPLATES)


def requests():
    return [dict(case_id=one["id"], subject=one["subject"], prompt=one["prompt"].replace(one["subject"], "{}", 1),
                 target_new=dict(str=one["target-new"])) for one in CASES["requests"]]


TEMPLATED = [context + "{}" for context in CASES["contexts"]]


def rome(model, options, folder):
    with source(folder / "rome"):
        main = importlib.import_module("rome.rome_main")
        main.CONTEXT_TEMPLATES_CACHE = TEMPLATED
        main.apply_rome_to_model(model, models.Tokenizer(), requests(), hparams(options))


def memit(model, options, folder):
    with source(folder / "memit"):
        main = importlib.import_module("memit.memit_main")
        main.CONTEXT_TEMPLATES_CACHE = [TEMPLATED[:1], TEMPLATED[1:]]
        main.apply_memit_to_model(model, models.Tokenizer(), requests(), hparams(options))


def r_rome(model, options, folder):
    with source(folder / "rebuilding-rome"):
        main = importlib.import_module("rome.rome_main")
        main.CONTEXT_TEMPLATES_CACHE = TEMPLATED
        main.apply_rome_to_model(model, models.Tokenizer(), requests(), hparams(options))


def memit_seq(model, options, folder):
    with source(folder / "AlphaEdit"):
        main = importlib.import_module("memit.memit_seq_main")
        main.CONTEXT_TEMPLATES_CACHE = [TEMPLATED[:1], TEMPLATED[1:]]
        settings, all_requests, size = hparams(options), requests(), options["batch-size"]
        counted = torch.zeros(len(settings.layers), models.INNER, models.INNER)
        for start in range(0, len(all_requests), size):
            # Its outer function, which would add the deltas, does not hand cache_c on and fails.
            deltas, counted = main.execute_memit(model, models.Tokenizer(), all_requests[start:start + size], settings, cache_c=counted)
            add(model, {name: value @ key.T for name, (key, value) in deltas.items()})


def rect(model, options, folder):
    with source(folder / "AlphaEdit"):
        main = importlib.import_module("memit.memit_rect_main")
        main.CONTEXT_TEMPLATES_CACHE = [TEMPLATED[:1], TEMPLATED[1:]]
        settings, all_requests, size = hparams(options["memit"]), requests(), options["memit"]["batch-size"]
        for start in range(0, len(all_requests), size):
            main.apply_memit_rect_to_model(model, models.Tokenizer(), all_requests[start:start + size], settings)


def pmet(model, options, folder):
    with source(folder / "PMET" / "edit"):
        main = importlib.import_module("pmet.pmet_main")
        main.CONTEXT_TEMPLATES_CACHE = [TEMPLATED[:1], TEMPLATED[1:]]
        main.apply_pmet_to_model(model, models.Tokenizer(), requests(), hparams(options))


def add(model, deltas):
    with torch.no_grad():
        for name, delta_OI in deltas.items():
            model.get_parameter(name).add_(delta_OI.T.float())


def emmet(model, options, folder):
    with source(folder / "unified-model-editing", pairs=True):
        main = importlib.import_module("emmet.emmet_main")
        main.CONTEXT_TEMPLATES_CACHE = [TEMPLATED[:1], TEMPLATED[1:]]
        main.apply_emmet_to_model(model, models.Tokenizer(), requests(), hparams(options))


def alphaedit(model, options, folder):
    with source(folder / "AlphaEdit"):
        main = importlib.import_module("AlphaEdit.AlphaEdit_main")
        main.CONTEXT_TEMPLATES_CACHE = [TEMPLATED[:1], TEMPLATED[1:]]
        settings, all_requests, size = hparams(options), requests(), options["batch-size"]
        # Its projection is made in a script for whole experiments: the singular directions below the threshold.
        free = []
        for layer in settings.layers:
            left, singular, _ = torch.linalg.svd(covariance(layer).float(), full_matrices=False)
            small = left[:, singular < settings.nullspace_threshold]
            free.append(small @ small.T)
        counted = torch.zeros(len(free), models.INNER, models.INNER)
        for start in range(0, len(all_requests), size):
            main.apply_AlphaEdit_to_model(
                model, models.Tokenizer(), all_requests[start:start + size], settings, cache_c=counted, P=torch.stack(free))


def locft_bf(model, options, folder):
    with source(folder / "LocFT"):
        tune = importlib.import_module("fine-tune")
        tune.random = SimpleNamespace(shuffle=lambda items: None)
        tuning = options["tuning"]
        tune.execute_ft(
            model, models.Tokenizer(), [dict(prompt=one["prompt"], target_new=one["target-new"]) for one in CASES["requests"]],
            tune.FTHyperParams(
                "", "", "", options["layer"], "model.layers.{}.mlp.down_proj.weight", tuning["batch-size"], tuning["learning-rate"], 0,
                tuning["epochs"], 0))


def main(sources):
    without_cuda()
    kinds = dict(gpt2=models.make(models.Gpt2, 1), llama=models.make(models.Llama, 2))
    for name, model in kinds.items():
        models.save(model, HERE / name)
    models.write_safetensors(HERE / "statistics.safetensors", {f"layer.{layer}": covariance(layer) for layer in range(2)})
    for name, case in CASES["editors"].items():
        model = deepcopy(kinds[case["model"]])
        before = {key: weight.detach().clone() for key, weight in model.named_parameters()}
        globals()[name.replace("-", "_")](model, case["options"], Path(sources))
        deltas = {}
        for key, weight in model.named_parameters():
            delta = weight.detach() - before[key]
            if delta.any():
                layer = key.split(".")[2]
                assert key.endswith(("mlp.c_proj.weight", "mlp.down_proj.weight")), key
                deltas[f"model.layers.{layer}.mlp.down_proj.weight"] = delta.T if "c_proj" in key else delta
                print(f"{name}: layer {layer}, length {delta.norm():.4f} of {before[key].norm():.4f}")
        models.write_safetensors(HERE / f"{name}.safetensors", deltas)


if __name__ == "__main__":
    main(sys.argv[1])
