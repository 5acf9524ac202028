#!/bin/sh
# Installs the servers that some tests start on loopback (PostgreSQL, and Java for Spark), where it may: as root, or with password-less sudo, on
# Debian and Ubuntu. Elsewhere it says which tests will be skipped. It starts nothing.
set -u

have_postgres() {
    command -v initdb >/dev/null 2>&1 && return 0
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

have_java() {
    command -v java >/dev/null 2>&1
}

have_postgres && have_java && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "servers: no apt-get here; the tests marked 'postgres' and 'spark' are skipped unless initdb and java are on the PATH." >&2
    exit 0
fi
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "servers: neither root nor password-less sudo; the tests marked 'postgres' and 'spark' are skipped where theirs is missing." >&2
    exit 0
fi
$as_root apt-get update -qq >/dev/null 2>&1
install() {
    echo "servers: installing $1 for the tests" >&2
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$1" >/dev/null 2>&1
}
have_postgres || install postgresql
have_java || install default-jre-headless
have_postgres || echo "servers: PostgreSQL could not be installed; the tests marked 'postgres' are skipped." >&2
have_java || echo "servers: Java could not be installed; the tests marked 'spark' are skipped." >&2
exit 0
