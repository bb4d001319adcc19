load ../lib

# figures SECONDS...: a hyperfine that says these of its commands' times, round
# after round, and that their processors had half of it.
figures() {
	mkdir -p bin
	printf '%s\n' "$@" >left
	cat >bin/hyperfine <<-'SH'
		#!/bin/bash
		while [ "$1" != --export-json ]; do shift; done
		read -ra times <"$FIGURES"
		sed -i 1d "$FIGURES"
		jq -n '{results: ($ARGS.positional | map(tonumber)
		    | map({median: ., user: (. / 2), system: 0} | if env.HYPERFINE == "2" then
		    {summary: {time_wall_clock: {median}, time_user: {mean: .user},
		    time_system: {mean: .system}}} else . end))}' \
			--args "${times[@]}" >"$2"
	SH
	chmod +x bin/hyperfine
	export FIGURES=$PWD/left PATH=$PWD/bin:$PATH EMU_BENCH_ROUNDS=$#
}

# bench CODE: what a benchmark of this code prints, without the head.
bench() {
	printf '. "%s/tests/tools/bench/lib.bash"\n%s\n' "$EMU_ROOT" "$1" >topic
	EMU_BENCH_HEADER=printed EMU_BENCH_DIR=$PWD/place bash topic
}

setup() {
	need hyperfine jq
	cd "$BATS_TEST_TMPDIR"
	mkdir place
}

@test "bench prints the median of the rounds' ratios and their quartiles" {
	figures '1 2 0.1' '1 4 0.1' '1 1 0.1' '2 20 0.1' '30 10 0.1'
	run bench 'row work ours one 0.50 theirs other 10 theirs'
	[ "$output" = '| topic: work | 1.00 s | one: 4.00 s | 0.50 | 0.25 to 1.00 | <= 0.50 | yes |
| topic: work | 1.00 s | other: 100 ms | 10.00 | 10.00 to 20.00 | <= 10 | yes |' ]
}

@test "bench reads the times of hyperfine 1 and 2, the processor's too" {
	for HYPERFINE in 1 2; do
		export HYPERFINE
		figures '1 2' '2 4'
		run bench 'processor=yes; row work ours one 1 theirs'
		[ "$output" = '| topic: work | 1.50 s | one: 3.00 s | 0.50 | 0.50 to 0.50 | <= 1 | yes |
| topic: work, CPU | 750 ms | one: 1.50 s | 0.50 | 0.50 to 0.50 | <= 1 | yes |' ] || { echo "$output"; false; }
	done
}

@test "bench says whether each kind of goal was reached" {
	local goal want
	while read -r want goal; do
		figures '0.0104 0.0014'
		run bench "row work ours other '$goal' theirs"
		[ "$output" = "| topic: work | 10 ms | other: 1.40 ms | 7.43 | 7.43 to 7.43 | <= $goal | $want |" ] ||
			{ echo "$output"; false; }
	done <<-END
		yes 7.43
		no 7.42
		yes 10.5 ms
		no 10.3 ms
		yes +9.1 ms
		no +8.9 ms
		yes 8, 11 ms
		no 8, 9 ms
		no 7, 11 ms
	END
	run bench 'amounts work 2048 other "2 MiB" 1000; amounts work 2049 other "2 MiB" 1000
		amounts work 300 other "300 KiB" 1000; amounts work 301 other "300 KiB" 1000
		amounts work 50 other "" 1000; amounts work 50 other 0.04 1000'
	[ "$output" = '| topic: work | 2048 KiB | other: 1000 KiB | 2.05 |  | <= 2 MiB | yes |
| topic: work | 2049 KiB | other: 1000 KiB | 2.05 |  | <= 2 MiB | no |
| topic: work | 300 KiB | other: 1000 KiB | 0.30 |  | <= 300 KiB | yes |
| topic: work | 301 KiB | other: 1000 KiB | 0.30 |  | <= 300 KiB | no |
| topic: work | 50 KiB | other: 1000 KiB | 0.050 |  |  |  |
| topic: work | 50 KiB | other: 1000 KiB | 0.050 |  | <= 0.04 | no |' ]
}

@test "bench compares CPU time where a row asks for it" {
	figures '1 2'
	run bench 'processor=yes; row work ours other 1 theirs'
	[ "$output" = '| topic: work | 1.00 s | other: 2.00 s | 0.50 | 0.50 to 0.50 | <= 1 | yes |
| topic: work, CPU | 500 ms | other: 1.00 s | 0.50 | 0.50 to 0.50 | <= 1 | yes |' ]
}

@test "bench names a row whose command fails, and leaves nothing" {
	run --separate-stderr bench 'row "some work" true other 1 false; echo more'
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr =~ ^"topic: some work: Error: Command "("'false' ")?'terminated with non-zero exit code' ]]
	[ -z "$(ls place)" ]
}

@test "bench prints one table, draws it, and its rows are those of the README" {
	need gnuplot qemu-system-x86_64 bsdtar zstd socat unbuffer script xmllint
	EMU_BENCH_DIR=$PWD/place EMU_BENCH_SIZE=1 EMU_BENCH_ROUNDS=1 \
		"$EMU_ROOT/tests/tools/bench/run" -b "$EMU_BUILD" -s bench.svg >bench.md 2>stderr
	[ ! -s stderr ] || { cat stderr; false; }
	[ -z "$(ls place)" ]
	[ "$(head -n 2 bench.md)" = '| work | emu | beside | ratio | spread | to reach | reached |
|---|---|---|---|---|---|---|' ]
	# Every other line up to the last paragraph is a row: a ratio, or why not.
	amount='[0-9.]+ (s|ms|KiB)' ratio='[0-9]+\.[0-9]+'
	work='(stage|extend|argv|spawn|watch|start|state|many|tally): [^|]+'
	goal='(<= [^|]+ \| (yes|no)| \| )'
	sed '1,2d; /^$/,$d' bench.md >rows
	run grep -vE "^\| $work \| ($amount \| [^|]+: $amount \| $ratio \| ($ratio to $ratio)? \| $goal|not measured: [^|]+( \|){5}) \|$" rows
	[ -z "$output" ] || { echo "$output"; false; }
	[ "$(sed 's/^| \([a-z]*\): .*/\1/' rows | uniq | tr '\n' ' ')" = \
		'stage extend argv spawn watch start state many tally ' ]
	[[ $(tail -n 2 bench.md | tr '\n' ' ') =~ ^"Measured on 20".*"1 rounds, sizes x 1%. "$ ]]
	xmllint --noout bench.svg
	grep -q '64 MiB of clean logs, -f @linux, beside grep -cP' bench.svg
	if grep -q 'not measured' rows; then
		skip "$(grep -m 1 'not measured' rows)"
	fi
	cp "$EMU_ROOT/README.md" .
	"$EMU_ROOT/tests/tools/bench/quote" bench.md README.md
	[ "$(grep -c '^| [a-z]*: ' README.md)" -ge 10 ]
	run -1 diff -U0 "$EMU_ROOT/README.md" README.md
	run grep -vE '^([-+]{3} |@@|[-+]\| |[-+]Measured|[-+]Linux)' <<<"$output"
	[ -z "$output" ] || { echo "$output"; false; }
}
