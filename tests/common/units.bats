load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	PATH=$EMU_BUILD/tests/common:$PATH
}

gives() { # WANTED FUNCTION ARG...
	local want=$1
	shift
	run -0 call "$@"
	[ "$output" = "$want" ] || { echo "$*: $output, wanted $want"; false; }
}

@test "durations are timeout(1)'s" {
	gives 90000000000 duration_parse 90
	gives 90000000000 duration_parse 90s
	gives 120000000000 duration_parse 2m
	gives 500000000 duration_parse 0.5
	gives 500000000 duration_parse .5
	gives 3600000000000 duration_parse 1h
	gives 129600000000000 duration_parse 1.5d
	gives 1 duration_parse 0.0000000019
	gives 0 duration_parse 0
	gives 3153600000000000000 duration_parse 36500d
	for bad in '' . s -1 +1 1x 1ss ' 1' '1 ' 0x10 1e3 nan inf 36501d \
		99999999999999999999999; do
		run -1 call duration_parse "$bad"
	done
}

@test "sizes take K, M, G and T" {
	gives 0 size_parse 0
	gives 1024 size_parse 1k
	gives 10000000000 size_parse 10000000000
	gives 1048576 size_parse 1M
	gives 17179869184 size_parse 16G
	gives 1099511627776 size_parse 1t
	gives 9223372036854775807 size_parse 9223372036854775807
	for bad in '' K -1 +1 1KB 1.5G ' 1' 9223372036854775808 8388608T 0x10 \
		99999999999999999999 99999999999999T; do
		run -1 call size_parse "$bad"
	done
}

@test "paths are joined, not resolved" {
	gives /a/b path_absolute /a b
	gives /a/../b path_absolute /a ../b
	gives /b path_absolute /a /b
	gives /b path_absolute / b
	gives /a/b path_absolute /a ././b
	gives "$PWD/a/b" path_absolute a b
	gives . path_directory a
	gives / path_directory /a
	gives a path_directory a/b
	gives /a path_directory /a//b
}

@test "a record's status goes before a filter's own, but for 0 and 123" {
	echo '{"cause": "panic", "status": 120}' >r
	gives 'panic 120 120' record_read r
	echo '{"cause": "exit", "status": 0}' >r
	gives 'exit 0 7' record_read r
	echo '{"cause": "reader", "status": 123}' >r
	gives 'reader 123 7' record_read r
	for bad in '{}:status: missing' '{"status": 256}:status: must be from 0 to 255' \
		'{"status": "0"}:status: expected an integer'; do
		echo "${bad%%:s*}" >r
		run -1 call record_read r
		[ "$output" = "call: r: s${bad#*:s}" ] || { echo "$output"; false; }
	done
}

@test "a shared line carries every byte of its ports, whatever it is" {
	run -0 timeout 120 shared_line bytes
}

@test "the end of a shared line's port is the end at the other side, of that port alone" {
	run -0 timeout 60 shared_line end
	run -0 timeout 60 shared_line reader
}

@test "a shared line heeds nothing that comes before it is one" {
	run -0 timeout 60 shared_line console
}

@test "a shared line sends no more input than was asked for" {
	run -0 timeout 60 shared_line window
}
