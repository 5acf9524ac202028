#!/bin/sh
# A standalone Spark cluster on this machine: one master and two workers of one core each, on loopback.
#   sh scripts/spark_cluster.sh start [FOLDER]   prints the master's address
#   sh scripts/spark_cluster.sh stop [FOLDER]
# FOLDER holds logs and process ids; default: .spark-cluster. Python with pyspark: $PYTHON, default .venv/bin/python.
set -eu
verb=${1:-}
folder=${2:-.spark-cluster}
python=${PYTHON:-.venv/bin/python}
workers=2

start_one() { # NAME CLASS ARGUMENTS...
    name=$1
    shift
    SPARK_WORKER_DIR="$folder/work" SPARK_LOCAL_IP=127.0.0.1 \
        nohup "$spark_home/bin/spark-class" "$@" >"$folder/$name.log" 2>&1 &
    echo $! >"$folder/$name.pid"
}

case $verb in
start)
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    spark_home=$("$python" -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))')
    port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    address="spark://127.0.0.1:$port"
    start_one master org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$port" --webui-port 0
    number=1
    while [ "$number" -le "$workers" ]; do
        start_one "worker$number" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --cores 1 --memory 1g --webui-port 0 "$address"
        number=$((number + 1))
    done
    waited=0
    until [ "$(grep -c 'Registering worker' "$folder/master.log" || true)" = "$workers" ]; do
        waited=$((waited + 1))
        if [ "$waited" -gt 120 ]; then
            echo "spark_cluster: the workers did not register within 120 s; see $folder" >&2
            exit 1
        fi
        sleep 1
    done
    echo "$address"
    ;;
stop)
    for file in "$folder"/*.pid; do
        [ -e "$file" ] || continue
        kill "$(cat "$file")" 2>/dev/null || true
        rm -f "$file"
    done
    ;;
*)
    echo "usage: sh scripts/spark_cluster.sh start|stop [FOLDER]" >&2
    exit 2
    ;;
esac
