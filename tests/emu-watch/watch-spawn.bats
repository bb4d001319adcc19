# emu-watch and emu-ktap behind emu-spawn, with a guest that runs.
load ../lib

setup() {
	need qemu-system-x86_64
	cd "$BATS_TEST_TMPDIR" || return 1
}

# words ARGUMENTS: of an emulator with the demo guest.
words() {
	monitor qmp0
	printf '%s\0' qemu-system-x86_64 -nodefaults -display none -serial stdio \
		-no-reboot -kernel "$EMU_BUILD/demo-x64" -append "$1 " \
		-device pvpanic -chardev socket,id=qmp0,fd=3 \
		"${MONITOR[@]}"
}

# pipeline ARGUMENTS COMMAND...: the statuses of emu-spawn and the command, which
# gets its record, are in $statuses.
pipeline() {
	local arguments=$1
	shift
	statuses=$(
		set +e
		words "$arguments" | timeout 60 emu-spawn -r -o rec 2>spawn.err |
			"$@" -r rec >out 2>err
		echo "${PIPESTATUS[@]:1}"
	)
}

@test "watch ends a guest that would go on for ever, and all is well" {
	pipeline hang emu-watch -g 0 -s 'memory: [0-9]+ KiB'
	[ "$statuses" = '0 0' ]
	[ "$(jq -c '[.cause, .status]' rec)" = '["reader",0]' ]
}

@test "watch ends a guest that fails" {
	pipeline noise emu-watch -g 0 -f 'arguments: noise'
	[ "$statuses" = '0 1' ]
	[ "$(jq -r .cause rec)" = reader ]
}

@test "watch returns what became of the guest when its words say nothing" {
	pipeline panic emu-watch -f @linux
	[ "$statuses" = '120 120' ]
	[ "$(tail -n 1 err)" = 'emu-watch: rec: panic, status 120' ]
	pipeline poweroff emu-watch -f @linux
	[ "$statuses" = '0 0' ]
	pipeline poweroff emu-watch -s 'login:'
	[ "$statuses" = '0 2' ]
}

@test "watch and ktap fail when there was nothing to run" {
	for c in emu-watch emu-ktap; do
		status=0
		emu-spawn -o rec </dev/null 2>spawn.err | "$c" -r rec >out 2>err ||
			status=$?
		[ "$status" -eq 125 ]
	done
}

@test "ktap makes an error of a guest that panicked" {
	pipeline panic emu-ktap -J
	[ "$statuses" = '120 120' ]
	xmllint --noout --schema "$EMU_ROOT/tests/emu-ktap/junit.xsd" out
	xmllint --xpath '//error/@message' out | grep -q 'rec: panic, status 120'
}
