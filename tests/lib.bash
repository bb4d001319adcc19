# What every test file loads: the programs under test first in PATH, and helpers.
# shellcheck shell=bash
bats_require_minimum_version 1.5.0

EMU_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${EMU_BUILD:=$EMU_ROOT/build}"
export EMU_ROOT EMU_BUILD
PATH=$EMU_BUILD:$PATH
export LC_ALL=C.UTF-8 LANG=C.UTF-8
unset EMU_SCRATCH EMU_TIME_SCALE
# No test writes to the caller's own home or cache, or heeds settings there but git's.
: "${GIT_CONFIG_GLOBAL:=$HOME/.gitconfig}"
HOME=${BATS_RUN_TMPDIR:-/nonexistent}/home
[ -z "${BATS_RUN_TMPDIR:-}" ] || mkdir -p "$HOME"
export GIT_CONFIG_GLOBAL HOME XDG_CACHE_HOME=${HOME%/*}/cache
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME
# How often what is random or repeated is tried: few in CI, many by make soak.
: "${EMU_TEST_N:=$([ -n "${EMU_TEST_SOAK:-}" ] && echo 500 || echo 10)}"

# In CI, a test that fails is tried once more, and named when it passes then: a
# loaded machine is no reason to turn a change away, but should not be hidden.
if [ "${EMU_TEST_STRICT:-}" = 1 ]; then
	export BATS_TEST_RETRIES=1
	if [ "${BATS_TEST_TRY_NUMBER:-1}" -gt 1 ]; then
		echo "# second try: $(basename "$BATS_TEST_FILENAME") $BATS_TEST_NAME" >&3
	fi
fi

# need CMD...: skips the test when a program is missing; in strict mode (CI)
# that is a failure.
need() {
	local c
	for c; do
		command -v "$c" >/dev/null && continue
		[ "${EMU_TEST_STRICT:-}" != 1 ] || { echo "missing: $c"; return 1; }
		skip "no $c"
	done
}

# outside_valgrind: for a test that looks at emu-spawn's memory, time or name,
# which make check-valgrind cannot run.
outside_valgrind() {
	[ -z "${EMU_TEST_VALGRIND:-}" ] || skip "not under valgrind"
}

# wait_until CMD...: polls for up to 20 s (EMU_TEST_WAIT) until CMD succeeds.
wait_until() {
	local end=$((SECONDS + ${EMU_TEST_WAIT:-20}))
	until "$@" >/dev/null 2>&1; do
		if [ $SECONDS -ge $end ]; then
			echo "waited in vain: $*"
			return 1
		fi
		sleep 0.02
	done
}

# monitor CHARDEV [hmp]: sets MONITOR to the words for a monitor of QMP there, or one
# for people, in the form that the QEMU here wants (-mon is deprecated since 11).
monitor() {
	local kind=${2:-qmp} mode=control known=$BATS_RUN_TMPDIR/objects new=$BATS_RUN_TMPDIR/objects.$BASHPID
	[ "$kind" = qmp ] || mode=readline
	if [ ! -e "$known" ]; then
		qemu-system-x86_64 -object help >"$new" 2>/dev/null || :
		mv "$new" "$known"
	fi
	# shellcheck disable=SC2034 # the caller's
	MONITOR=(-mon "chardev=$1,mode=$mode")
	! grep -q "monitor-$kind" "$known" ||
		MONITOR=(-object "monitor-$kind,id=monitor-$1,chardev=$1")
}

# gone PID: true when the process is no more (a zombie is no more).
gone() {
	[ ! -e "/proc/$1" ] || grep -q '^State:[[:space:]]*[ZX]' "/proc/$1/status" ||
		[ ! -e "/proc/$1" ]
}

# but_kvm: stdin without the line that says why there is no KVM here.
but_kvm() {
	grep -v '^emu-argv: .*: kvm: using TCG: ' || :
}

# expect_error STATUS LINE CMD...: CMD exits with STATUS, prints exactly LINE on
# stderr and nothing on stdout.
expect_error() {
	local want=$1 line=$2
	shift 2
	local check=()
	[ "$want" -ne 127 ] || check=(-127) # else bats warns
	run --separate-stderr "${check[@]}" "$@"
	# shellcheck disable=SC2154 # bats sets stderr
	if [ "$status" -ne "$want" ] || [ "$stderr" != "$line" ] || [ -n "$output" ]; then
		printf 'command: %s\nstatus: %s, wanted %s\nstderr: %s\nwanted: %s\nstdout: %s\n' \
			"$*" "$status" "$want" "$stderr" "$line" "$output"
		return 1
	fi
}
