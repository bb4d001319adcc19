load ../lib

programs() {
	local c
	for c in "$EMU_ROOT"/cmd/emu-*; do
		[ "${c%.sh}" = "$c" ] || continue
		c=${c##*/}
		printf '%s\n' "$EMU_BUILD/${c%.c}"
	done
}

@test "programs are position independent, fully RELRO, without executable stack" {
	need readelf
	for p in $(programs); do
		readelf -hW "$p" | grep -q 'Type: *DYN' || { echo "$p: not PIE"; false; }
		readelf -lW "$p" | grep -q GNU_RELRO || { echo "$p: no RELRO"; false; }
		readelf -dW "$p" | grep -qE 'BIND_NOW|FLAGS_1.*NOW' || { echo "$p: lazy binding"; false; }
		! readelf -lW "$p" | grep GNU_STACK | grep -q 'RWE' || { echo "$p: executable stack"; false; }
	done
}

@test "programs are compiled with level 3 of _FORTIFY_SOURCE" {
	need nm
	# Sanitizers and gcov want other flags.
	[[ $EMU_BUILD != */@(san|coverage) ]] || return 0
	nm "$EMU_BUILD/tests/whole/programs/fortified.o" | grep -q 'U __memcpy_chk' ||
		{ echo "not level 3"; false; }
	for p in $(programs); do
		nm -D "$p" | grep -q 'U __[a-z]*_chk' || { echo "$p: not fortified"; false; }
	done
}

@test "only emu-unpack and emu-init link libarchive" {
	need readelf
	for p in $(programs); do
		case ${p##*/} in emu-unpack | emu-init) continue ;; esac
		! readelf -dW "$p" | grep -q 'libarchive' || { echo "$p links libarchive"; false; }
	done
}

@test "no program has mutable state at file scope" {
	need nm
	[[ ${EMU_BUILD##*/} != @(san|coverage) ]] || return 0
	# Constants with addresses in them are in .data.rel.ro: only the loader
	# writes there. fatal() alone keeps something: what it has to undo.
	run bash -c 'find "$1/cmd" "$1/common" -name "*.o" -exec nm -A -f sysv {} + |
		grep -E "\|(\.data|\.bss|\*COM\*)" | grep -v -e "\.data\.rel\.ro" -e "cmd/fatal\.o:undo "' - "$EMU_BUILD"
	[ -z "$output" ] || { echo "$output"; false; }
}

@test "a message is one write, so that those of a pipeline do not mix" {
	need python3
	for p in $(programs); do
		# In packet mode each write to a pipe is a read of its own.
		run -0 python3 -c '
import os, subprocess, sys
r, w = os.pipe2(os.O_DIRECT)
subprocess.run([sys.argv[1], "-@"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=w)
os.close(w)
writes = []
while packet := os.read(r, 65536):
    writes.append(packet)
sys.exit(any(not packet.endswith(b"\n") for packet in writes) or not writes)' "$p"
	done
}

@test "a file that may not become so large is an error, and no signal" {
	cd "$BATS_TEST_TMPDIR"
	mkdir -m 700 out
	export EMU_SCRATCH=$PWD/out
	echo k >k
	jq -n '{target: "x64", guest: "none", kernel: "kernel_k", extra: [range(2000) | "word\(.)"],
		images: [{name: "k", type: "kernel", path: "k"}]}' >doc.json
	yes 'a line' | head -n 2000 >line
	{
		echo 'TAP version 14'
		seq -f 'ok %g - a test' 2000
		echo 1..2000
	} >tap
	emu-spawn -o record cat line >/dev/null
	printf 'record\n%.0s' {1..40} >records
	# status and command; each writes more than 4096 bytes.
	while read -r status command <&4; do
		run -"$status" --separate-stderr sh -c "ulimit -f 8; exec >stdout; $command" </dev/null 4<&-
		[[ "$stderr" =~ ^emu-[a-z-]*:\ (<stdout>|made):\ File\ too\ large$ ]] ||
			{ echo "$command: $stderr"; false; }
		[ -z "$(ls -A out)" ]
	done 4<<-'END'
		1 emu-stage doc.json
		1 emu-fvm-extend doc.json
		1 emu-doc doc.json
		1 emu-argv -N doc.json
		1 emu-argv -j doc.json
		125 emu-spawn cat line
		125 emu-spawn -l made cat line >/dev/null
		125 emu-watch <line
		125 emu-cast -o /dev/null <line
		125 emu-cast -o made <line >/dev/null
		125 emu-ktap <tap
		125 emu-ktap -J <tap
		125 emu-tally -H record record
	END
	# What a command starts has the action that the command got.
	echo '{}' >doc.json
	for command in 'emu-env doc.json' emu-scratch emu-spawn; do
		run -0 sh -c "$command grep SigIgn: /proc/self/status"
		[ "$((0x${output##*[[:space:]]} & 1 << 24))" -eq 0 ]
	done
}
