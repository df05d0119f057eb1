#!/usr/bin/env python3
"""Computes a table's means and intervals again from its scores alone, and compares them with those that the harness wrote.

    python3 docs/recompute.py results/embedded/dft/table1

Needs Python 3.9 and nothing else. The draws are its own, so that ends of intervals differ by the chance of resampling; means must agree.
docs/results.md says what is in the files, and shows the same with pandas.
"""
import csv
import gzip
import json
import math
import random
import sys
from collections import defaultdict


def read_scores(stem):
    """(dataset, model, editor) -> series -> seed -> group -> scores. An item without a group is one of its own."""
    scores = defaultdict(lambda: defaultdict(lambda: defaultdict(lambda: defaultdict(list))))
    with gzip.open(stem + ".cases.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            row = line["dataset"], line["model"], line["editor"]
            group = ("group", line["group"]) if line["group"] else ("item", line["item"])
            scores[row][line["series"]][line["seed"]][group].append(float(line["score"]))
    return scores


def interval(seeds, resamples, confidence, draw):
    """Percentile bootstrap over seeds and then their groups; how far a seed lies from the mean is scaled, as few vary too little."""
    sums = [[(sum(scores), len(scores)) for scores in groups] for groups in seeds]
    means = [sum(total for total, _ in groups) / sum(count for _, count in groups) for groups in sums]
    mean, count = sum(means) / len(means), len(means)
    scale = math.sqrt(count / (count - 1)) if count > 1 else 0
    replicates = []
    for _ in range(resamples):
        total = 0.0
        for _ in range(count):
            place = draw.randrange(count)
            groups = sums[place]
            drawn = [groups[draw.randrange(len(groups))] for _ in groups]
            resampled = sum(part for part, _ in drawn) / sum(size for _, size in drawn)
            total += scale * (means[place] - mean) + resampled - means[place]
        replicates.append(mean + total / count)
    replicates.sort()

    def quantile(share):
        position = share * (len(replicates) - 1)
        below = int(position)
        above = min(below + 1, len(replicates) - 1)
        return replicates[below] + (position - below) * (replicates[above] - replicates[below])

    tail = (1 - confidence) / 2
    return mean, quantile(tail), quantile(1 - tail)


def main(stem):
    with open(stem + ".json", encoding="utf-8") as file:
        report = json.load(file)
    scores, draw = read_scores(stem), random.Random(1)
    resamples, confidence = report["interval"]["resamples"], report["interval"]["confidence"]
    wrong = checked = 0
    widest = 0.0
    for row in report["rows"]:
        series = scores[row["dataset"], row["model"], row["editor"]]
        for metric, number in row["metrics"].items():
            # Metrics that are a series of shares by themselves; the others are put together of several, or have another unit.
            if metric not in series or number.get("percent") is None:
                continue
            seeds = [list(groups.values()) for groups in series[metric].values()]
            mean, low, high = interval(seeds, resamples, confidence, draw)
            checked += 1
            if abs(100 * mean - number["percent"]) > 1e-6:
                wrong += 1
                print(f"{row['dataset']}/{row['model']}/{row['editor']}.{metric}: mean {100 * mean}, the table says {number['percent']}")
            # Where every score is 0 or 1, or all are the same, the table's interval is the exact one too, and never narrower.
            values = {score for groups in seeds for scores in groups for score in scores}
            if len(values) > 1 and not values <= {0, 1}:
                if min(values) >= 0 and max(values) <= 1:
                    low, high = max(low, 0), min(high, 1)
                widest = max(widest, abs(100 * low - number["low"]), abs(100 * high - number["high"]))
    print(f"{checked} means: {checked - wrong} agree; ends of intervals differ by at most {widest:.1f} points")
    return 1 if wrong or checked == 0 else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
