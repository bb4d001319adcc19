# What every benchmark loads: a place to work in, and rows for the table. Each
# row's commands take turns: a round runs each of them with hyperfine, and the
# ratio is one of the same round. The table has the median of the rounds' ratios
# and, as their spread, the quartiles.
# shellcheck shell=bash
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
EMU_BUILD=$(realpath "${EMU_BUILD:-$here/../../../build}")
export EMU_BUILD PATH="$EMU_BUILD:$PATH" LC_ALL=C.UTF-8
topic=${0##*/}
rounds=${EMU_BENCH_ROUNDS:-5}
size=${EMU_BENCH_SIZE:-100}

scratch=$(mktemp -d -p "${EMU_BENCH_DIR:-/var/tmp}" emu-bench-XXXXXX)
trap 'umount "$scratch/xfs" 2>/dev/null || :; rm -rf "$scratch"' EXIT
cd "$scratch"
mkdir -m 700 out rounds
export EMU_SCRATCH=$scratch/out

# What rows heed: the command before each run, how many runs a round warm up and
# how many count, and whether CPU time gets lines of its own.
prepare='find out -mindepth 1 -delete'
warmups=1 runs=1 processor=''

# The head of the table, unless an earlier benchmark has printed it.
if [ -z "${EMU_BENCH_HEADER:-}" ]; then
	echo '| work | emu | beside | ratio | spread | to reach | reached |'
	echo '|---|---|---|---|---|---|---|'
fi

# part N: EMU_BENCH_SIZE percent of N, at least 1. mib N: so many MiB in bytes.
part() {
	echo $((($1 * size + 99) / 100))
}
mib() {
	part $(($1 << 20))
}

# line WORK UNIT NAME GOAL OURS THEIRS RATIO [LOW HIGH MORE]: one line of the
# table. UNIT is s or KiB. GOAL is the largest ratio, or with its unit the
# largest amount (10 ms, 2 MiB), or how much more than theirs (+10 ms); several
# have a comma between them.
line() {
	awk -v OFS=' | ' -v topic="$topic" -v work="$1" -v unit="$2" -v name="$3" \
		-v goal="$4" -v ours="$5" -v theirs="$6" -v ratio="$7" \
		-v low="${8:-}" -v high="${9:-}" -v more="${10:-0}" '
	function amount(n) {
		if (unit == "KiB")
			return sprintf("%d KiB", n)
		if (n >= 1)
			return sprintf("%.2f s", n)
		return sprintf(n < 0.01 ? "%.2f ms" : "%.0f ms", n * 1000)
	}
	function short(n) {
		return sprintf(n < 0.0995 ? "%.3f" : "%.2f", n)
	}
	function reached(goal) {
		if (goal ~ /^\+/)
			return more * 1000 <= goal + 0
		if (goal ~ /ms$/)
			return ours * 1000 <= goal + 0
		if (goal ~ /KiB$/)
			return ours <= goal + 0
		if (goal ~ /MiB$/)
			return ours <= goal * 1024
		return ratio <= goal + 0
	}
	BEGIN {
		n = split(goal, goals, ", ")
		verdict = n ? "yes" : ""
		for (i = 1; i <= n; i++)
			if (!reached(goals[i]))
				verdict = "no"
		spread = low == "" ? "" : short(low) " to " short(high)
		print "| " topic ": " work, amount(ours), name ": " amount(theirs),
		    short(ratio), spread, goal == "" ? "" : "<= " goal,
		    verdict " |"
	}'
}

# quartiles THEIRS METRIC: what the rounds say of command 0 against command
# THEIRS: medians of both, quartiles of the ratio (2, 1, 3), median difference.
quartiles() {
	jq -sr --argjson other "$1" "
	def quantile(\$p): sort | ((length - 1) * \$p) as \$at | (\$at | floor) as \$i
	    | .[\$i] + ((.[\$i + 1] // .[\$i]) - .[\$i]) * (\$at - \$i);
	# Since hyperfine 2, a summary has them.
	def median: .median // .summary.time_wall_clock.median;
	def processor: (.user // .summary.time_user.mean)
	    + (.system // .summary.time_system.mean);
	def metric: $2;
	map([(.results[0] | metric), (.results[\$other] | metric)])
	| (map(.[0] / ([.[1], 1e-6] | max))) as \$ratios
	| [(map(.[0]), map(.[1]) | quantile(0.5)),
	   (0.5, 0.25, 0.75 | . as \$p | \$ratios | quantile(\$p)),
	   (map(.[0] - .[1]) | quantile(0.5))] | join(\" \")" rounds/*
}

# row WORK OURS [NAME GOAL THEIRS]...: times OURS beside each of THEIRS. The
# commands are run without a shell, with /dev/null for input and output.
row() {
	local work=$1 commands=("$2") names=() goals=() i
	shift 2
	while [ $# -gt 0 ]; do
		names+=("$1") goals+=("$2") commands+=("$3")
		shift 3
	done
	rm -f rounds/*
	for ((i = 0; i < rounds; i++)); do
		hyperfine -N --style none -w "$warmups" -r "$(part "$runs")" \
			-p "$prepare" --export-json rounds/$i "${commands[@]}" 2>errors || {
			echo "$topic: $work: $(sed -n '$s/\. Use the .*//p' errors)" >&2
			return 1
		}
	done
	lines "$work" median
	[ -z "$processor" ] || lines "$work, CPU" processor
	find out -mindepth 1 -delete
}

# lines WORK METRIC: the lines of what row has measured.
lines() {
	local i ours theirs ratio low high more
	for i in "${!names[@]}"; do
		read -r ours theirs ratio low high more < <(quartiles $((i + 1)) "$2")
		line "$1" s "${names[i]}" "${goals[i]}" "$ours" "$theirs" "$ratio" \
			"$low" "$high" "$more"
	done
}

# amounts WORK OURS NAME GOAL THEIRS: compares two numbers of KiB.
amounts() {
	line "$1" KiB "$3" "$4" "$2" "$5" \
		"$(awk -v a="$2" -v b="$5" 'BEGIN { print a / b }')"
}

# resident COMMAND...: the most KiB that it or a child of it had in memory.
resident() {
	command time -o resident -f %M "$@" >/dev/null
	cat resident
	find out -mindepth 1 -delete
}

# skip WORK WHY: a line for what cannot be measured here.
skip() {
	printf '| %s: %s | not measured: %s | | | | | |\n' "$topic" "$1" "$2"
}

# image TYPE NAME FILE [STAGED]: an entry of a document.
image() {
	printf '{"type": "%s", "name": "%s", "path": "%s"%s}' "$1" "$2" "$3" \
		"${4:+, \"staged\": true}"
}

# document ENTRY...: a document with these images.
document() {
	local IFS=,
	printf '{"guest": "none", "images": [%s]}\n' "$*"
}

# on_xfs WORK: an xfs with reflinks under xfs, or a line that says why not.
on_xfs() {
	if [ "$(id -u)" -ne 0 ] || ! command -v mkfs.xfs >/dev/null; then
		skip "$1" 'needs root and mkfs.xfs'
		return 1
	fi
	truncate -s 5G xfs.img
	mkdir xfs
	mkfs.xfs -q -m reflink=1 xfs.img
	mount -o loop xfs.img xfs 2>errors || {
		skip "$1" 'no loop devices here'
		return 1
	}
}
