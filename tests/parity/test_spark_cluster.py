"""A real cluster, a master and two workers, gives the same numbers, also when a worker dies in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from parity.agreement import differing
from parity.spark_shops import KNOWN, by_pair, insist_on_spark, tiles_in
from patron import features
from worlds import AS_OF, tiny_shop

insist_on_spark()

from patron.engines.spark import SparkEngine  # noqa: E402  # only where Spark can run

pytestmark = pytest.mark.spark
SCRIPT = Path(__file__).parents[2] / "scripts" / "spark_cluster.sh"


def cluster(verb, folder):
    command = ["sh", str(SCRIPT), verb, str(folder)]
    done = subprocess.run(command, env=os.environ | {"PYTHON": sys.executable}, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode().strip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def spark(folder):
    address = cluster("start", folder)
    with SparkEngine(master=address, threads=2) as engine:
        yield engine
    cluster("stop", folder)


def test_the_same_features_while_a_worker_dies(spark, folder, workbench):
    shop = tiny_shop()
    wanted = workbench.snapshot(shop, AS_OF, KNOWN)
    known = tiles_in(spark, shop)
    assert not differing(by_pair(spark.arrow(features.build(known, AS_OF))), wanted)
    os.kill(int((folder / "worker1.pid").read_text()), signal.SIGKILL)
    assert not differing(by_pair(spark.arrow(features.build(known, AS_OF))), wanted)
