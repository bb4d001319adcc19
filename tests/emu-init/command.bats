load ../lib
load guest

# A command in Debian's generic kernels, on the host's own files.
setup_file() {
	need apt-get dpkg-deb cpio flock xz zstd qemu-system-x86_64 qemu-system-aarch64 qemu-system-riscv64
	"$EMU_ROOT/tests/whole/kernels/fetch" amd64 arm64 riscv64 2>"$BATS_FILE_TMPDIR/fetch" || {
		cat "$BATS_FILE_TMPDIR/fetch"
		[ "${EMU_TEST_STRICT:-}" != 1 ] || return 1
		skip "no kernels: $(tail -n 1 "$BATS_FILE_TMPDIR/fetch")"
	}
	# Half of a boot without KVM is the unpacking of the kernel.
	unpacked "$EMU_BUILD/kernels/generic-amd64/vmlinuz" >"$BATS_FILE_TMPDIR/vmlinux"
	[ -s "$BATS_FILE_TMPDIR/vmlinux" ]
}

# unpacked BZIMAGE: the ELF file in it, where and how it is packed as the header says
# (Linux, Documentation/arch/x86/boot.rst).
unpacked() {
	local number=(od -A n -t u4 -N 4 "$1" -j) at size
	at=$((($(od -A n -t u1 -N 1 -j 0x1f1 "$1") + 1) * 512 + $("${number[@]}" 0x248)))
	size=$("${number[@]}" 0x24c)
	tail -c +$((at + 1)) "$1" | head -c "$size" >"$BATS_FILE_TMPDIR/payload"
	# Behind the data is its size: not for the tool.
	case $(head -c 4 "$BATS_FILE_TMPDIR/payload" | od -A n -t x1) in
	' 28 b5 2f fd') head -c -4 "$BATS_FILE_TMPDIR/payload" | zstd -dc ;;
	*) xz -dc --single-stream "$BATS_FILE_TMPDIR/payload" ;;
	esac
}

setup() {
	G=$EMU_BUILD/kernels/generic-amd64 K=$BATS_FILE_TMPDIR/vmlinux
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir tmp
	export TMPDIR=$PWD/tmp
}

teardown() {
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ] || { echo "left: $(ls -A tmp)"; false; }
}

@test "a command runs in the kernel, on the host's files, in the caller's directory" {
	echo 'on the host' >file
	KERNEL=$G/vmlinuz run -0 --separate-stderr guest -- sh -c 'uname -r; cat file; pwd; id -u; id -G; echo "$HOME|$0|$1|$2" >&2' 'a  b' '' "it's" </dev/null
	[ "${lines[0]}" = "$(basename "$G"/lib/modules/*)" ]
	[ "${lines[1]}" = 'on the host' ]
	[ "${lines[2]}" = "$PWD" ]
	[ "${lines[3]}" = "$(id -u)" ]
	[ "${lines[4]}" = "$(id -G)" ]
	[ "$stderr" = "$HOME|a  b||it's" ]
}

@test "the status is the command's" {
	for status in 0 1 3 125; do
		run "-$status" guest -o r.json -- sh -c "exit $status" </dev/null
		jq -e --argjson s "$status" '.cause == "exit" and .status == $s' r.json
	done
	run -127 --separate-stderr guest -- no-such-command </dev/null
	[ "$stderr" = 'emu-spawn: no-such-command: No such file or directory' ]
	: >plain
	run -126 guest -- ./plain </dev/null
	# As a shell has it.
	run -137 guest -- sh -c 'kill -9 $$' </dev/null
}

@test "standard input, output and error are bytes, and apart" {
	head -c 3000000 /dev/urandom >bytes
	printf '\0\r\n\377\004' >>bytes
	guest -- sh -c 'tee /dev/stderr' <bytes >out 2>err
	cmp bytes out
	cmp bytes err
	# The end of input is the end.
	[ "$(printf 'one\ntwo' | guest -- wc -c)" = 7 ]
	[ "$(guest -- wc -c </dev/null)" = 0 ]
}

@test "much goes through the streams, and every byte comes out" {
	# A GiB takes minutes: make soak has it.
	size=${EMU_TEST_SOAK:+1024}
	head -c "${size:-32}M" /dev/urandom >much
	timeout 3000 emu-run -k no -K "$G"/lib/modules/* "$K" -- cat <much | cmp - much
	[ "${PIPESTATUS[*]}" = '0 0' ]
}

@test "a reader that is slow gets every byte" {
	mkfifo line
	guest -B . -o r.json -- sh -c 'head -c 1000000 /dev/zero; touch done' </dev/null >line 2>err 3>&- &
	job=$!
	exec 5<line
	EMU_TEST_WAIT=60 wait_until test -e done
	# It begins when the command has long ended; a verdict would come too early.
	EMU_TEST_WAIT=8 run ! wait_until test -e r.json
	[ "$(wc -c <&5)" = 1000000 ]
	exec 5<&-
	wait $job
	[ ! -s err ]
}

@test "a reader that leaves ends the command as on the host" {
	run bash -c 'timeout 120 emu-run -k no -K "$1"/lib/modules/* "$2" -- yes </dev/null | head -n 2; echo "${PIPESTATUS[0]}"' - "$G" "$K"
	[ "${lines[0]}" = y ]
	[ "${lines[-1]}" = 141 ]
}

@test "the guest has file systems, devices and a loopback interface of its own, and leaves no zombie" {
	cat >inside <<-'EOF'
		awk '$2 ~ "^/(proc|sys|dev|dev/pts|dev/shm|run)?$" {print $2, $3}' /proc/mounts | LC_ALL=C sort
		cat /sys/class/net/lo/operstate
		echo "$LANG"
		echo guest >/tmp/made-in-the-guest && cat /tmp/made-in-the-guest
		ls /dev/null /dev/stdout
		# The child of a shell that is gone is the init's.
		sh -c 'true & echo $! >/run/orphan'
		while [ -e "/proc/$(cat /run/orphan)" ]; do sleep 0.1; done
		echo reaped
	EOF
	LANG=C.UTF-8 run -0 --separate-stderr guest -- sh inside </dev/null
	[ "$output" = "/ overlay
/dev devtmpfs
/dev/pts devpts
/dev/shm tmpfs
/proc proc
/run tmpfs
/sys sysfs
unknown
C.UTF-8
guest
/dev/null
/dev/stdout
reaped" ]
	[ ! -e /tmp/made-in-the-guest ]
}

@test "the host's files are written by -B alone" {
	mkdir in out
	echo host >in/file
	ln -s "$PWD/out" in/link
	# A device of the host's file system is none in the guest.
	[ "$(id -u)" -ne 0 ] || mknod -m 666 in/null c 1 3
	! [ -e in/null ] || run -2 guest -B in -- sh -c ': <in/null' </dev/null
	guest -B in -- sh -c 'echo guest >in/file; echo new >in/new; echo no >out/no; echo no >in/link/no; cat out/no' </dev/null >said
	[ "$(cat said)" = no ]
	[ "$(cat in/file in/new)" = $'guest\nnew' ]
	[ -z "$(ls out)" ]
	[ "$(stat -c %u in/new)" = "$(id -u)" ]
}

@test "what the command wrote to a disk is there after the end" {
	need mkfs.ext4 debugfs depmod
	[ "$(id -u)" -eq 0 ] || skip 'not root in the guest, who may not mount'
	truncate -s 16M disk
	mkfs.ext4 -q -O ^has_journal disk
	mkdir -p modules/lib
	cp -r "$G/lib/modules" modules/lib
	depmod -b modules "$(basename "$G"/lib/modules/*)"
	run -0 timeout 120 emu-run -k no -u -K "$G"/lib/modules/* "$K" disk -- sh -ec '
		modprobe -d "$PWD/modules" virtio_blk
		modprobe -d "$PWD/modules" ext4
		mkdir /run/disk
		mount /dev/vda /run/disk
		echo kept >/run/disk/file' </dev/null
	[ "$(debugfs -R 'cat /file' disk 2>/dev/null)" = kept ]
}

@test "an ordinary user runs commands, and a set-user-ID program has no more rights in the guest" {
	[ "$(id -u)" -eq 0 ] || skip 'not root'
	chmod a+rx . .. ../.. ../../.. 2>/dev/null || true
	chmod 1777 tmp
	cp "$(command -v id)" ./id
	chmod 4755 id
	[ "$(setpriv --reuid 65534 --regid 65534 --clear-groups env TMPDIR="$TMPDIR" HOME=/ \
		timeout 120 emu-run -k no -K "$G"/lib/modules/* "$K" -- ./id -u </dev/null)" = 65534 ]
	# Such a user may do the rest as well.
	mkdir mine
	chown 65534 mine
	setpriv --reuid 65534 --regid 65534 --clear-groups env TMPDIR="$TMPDIR" HOME=/ \
		timeout 120 emu-run -k no -B mine -K "$G"/lib/modules/* "$K" -- sh -c 'echo new >mine/file' </dev/null
	[ "$(cat mine/file)" = new ]
	[ "$(stat -c %u mine/file)" = 65534 ]
}

@test "a panic, a reset and a timeout are verdicts, with the console's end" {
	mkfifo in
	guest -l log -o r.json -- sh -c 'echo before; read go; echo c >/proc/sysrq-trigger; sleep 60' <in >out 2>err 3>&- &
	job=$!
	exec 5>in
	EMU_TEST_WAIT=60 wait_until grep -q before out
	echo >&5
	code=0
	wait $job || code=$?
	[ "$code" -eq 120 ]
	exec 5>&-
	jq -e '.cause == "panic"' r.json
	grep -aq 'Kernel panic - not syncing' log
	grep -q 'Kernel panic - not syncing' err
	run -121 guest -- sh -c 'echo b >/proc/sysrq-trigger; sleep 60' </dev/null
	run -124 guest -t 12 -o r.json -- sleep 60 </dev/null
	jq -e '.cause == "timeout"' r.json
}

@test "a machine that ends without the command's status is no success" {
	run -125 --separate-stderr guest -- sh -c 'echo o >/proc/sysrq-trigger; sleep 60' </dev/null
	[[ $stderr = *'emu-spawn: the machine ended without the status of its command' ]]
}

@test "a signal to emu-run is one to the command" {
	guest -- sh -c 'trap "echo caught; exit 9" TERM; echo up; while :; do sleep 0.1; done' </dev/null >out 2>err 3>&- &
	job=$!
	EMU_TEST_WAIT=90 wait_until grep -q up out
	for p in $(pgrep -x emu-spawn); do
		if tr '\0' ' ' <"/proc/$p/cmdline" | grep -q "$TMPDIR"; then
			kill "$p"
		fi
	done
	code=0
	wait $job || code=$?
	[ "$code" -eq 143 ]
	grep -q caught out
}

@test "a terminal on the host is one in the guest" {
	need script
	cat >inside <<-EOF
		stty rows 33 cols 99
		timeout 120 emu-run -k no -K $G/lib/modules/* $K -- sh -c 'tty; stty size; echo \$TERM; tty <&2'
	EOF
	TERM=vt100 run script -qec 'sh inside' /dev/null
	[[ $output = */dev/pts/* ]]
	[[ $output = *'33 99'* ]]
	[[ $output = *vt100* ]]
}

@test "a terminal's ^C and its new size reach the command" {
	need expect
	cat >dialog <<-'EOF'
		set timeout 100
		spawn -noecho sh -c {stty rows 30 cols 90; exec "$@"} sh {*}$argv
		expect -exact "up 30 90" {} default {exit 90}
		exec stty rows 41 columns 101 <$spawn_out(slave,name)
		expect -exact "now 41 101" {} default {exit 91}
		send "\003"
		expect -exact "caught" {} default {exit 92}
		expect eof
		exit [lindex [wait] 3]
	EOF
	run -3 timeout 120 expect dialog "$EMU_BUILD/emu-run" -k no -K "$G"/lib/modules/* "$K" -- sh -c '
		trap "echo caught; exit 3" INT
		trap "echo now \$(stty size)" WINCH
		echo up $(stty size)
		while :; do sleep 0.1; done'
}

@test "a network device has an address in the guest" {
	run -0 guest -f :80 -- sh -c 'cat /proc/net/route | wc -l; cat /etc/resolv.conf' </dev/null
	[ "${lines[0]}" -gt 1 ]
	[ "${lines[1]}" = 'nameserver 10.0.2.3' ]
}

# without MODULE...: a directory of the kernel's modules that lacks these.
without() {
	local m
	mkdir -p without
	cp -r "$G"/lib/modules/*/. without
	for m; do
		find without -name "$m.ko*" -delete
		sed -i "/\/$m.ko/d" without/modules.order
	done
}

# bare_guest CMD...: with the modules of `without`.
bare_guest() {
	timeout 200 emu-run -k no -t 180 -K without -o r.json "$K" -- "$@"
}

@test "without virtio-serial the console has the streams, apart, and the status" {
	without virtio_console
	head -c 30000 /dev/urandom >bytes
	printf '\0\r\n\377\004\020\020B\003' >>bytes
	code=0
	bare_guest sh -c 'tee /dev/stderr; exit 9' <bytes >out 2>err || code=$?
	[ "$code" -eq 9 ]
	cmp bytes out
	cmp bytes err
	jq -e '.cause == "exit" and .status == 9' r.json
	run -137 bare_guest sh -c 'kill -9 $$' </dev/null
	# No thread of the init takes the signal that tells of the command's end.
	run -0 --separate-stderr bare_guest sh -c 'wc -c; grep -h SigBlk /proc/1/task/*/status' </dev/null
	[ "$output" = $'0\nSigBlk:\t0000000000010000\nSigBlk:\t0000000000010000' ]
}

@test "without virtio-serial a reader that leaves ends the command" {
	without virtio_console
	run bash -c 'timeout 120 emu-run -k no -K without "$2" -- yes </dev/null | head -n 2; echo "${PIPESTATUS[0]}"' - "$G" "$K"
	[ "${lines[0]}" = y ]
	[ "${lines[-1]}" = 141 ]
}

@test "without virtio-serial a panic is one, and no success" {
	without virtio_console
	run -120 bare_guest sh -c 'echo c >/proc/sysrq-trigger; sleep 60' </dev/null
	run -125 --separate-stderr bare_guest sh -c 'echo o >/proc/sysrq-trigger; sleep 60' </dev/null
	[[ $stderr = *'emu-spawn: the machine ended without the status of its command' ]]
}

@test "what the console prints is never taken for the words of a shared line" {
	[ "$(id -u)" -eq 0 ] || skip 'not root'
	echo 'on the host' >file
	run -0 --separate-stderr guest -l log -- sh -c \
		'printf "\\0201\\020Z\\0202\\020X\\020B\\0201junk\\0203exit 7 0 0\\n" >/dev/console; cat file; echo err >&2' </dev/null
	[ "$output" = 'on the host' ]
	[ "$stderr" = err ]
	grep -aq junk log
}

@test "without overlayfs /tmp, /run and -B can be written to, and stderr says so" {
	without overlay
	mkdir in
	run -0 --separate-stderr timeout 120 emu-run -k no -K without -B in "$K" -- sh -c '
		echo one >/tmp/file && echo two >/run/file && echo three >in/file &&
		cat /tmp/file /run/file; echo no >file || echo refused' </dev/null
	[ "$output" = $'one\ntwo\nrefused' ]
	[ "$(cat in/file)" = three ]
	[ ! -e file ]
	[ "${stderr_lines[0]}" = 'emu-spawn: the kernel has no overlayfs (CONFIG_OVERLAY_FS): only /tmp, /run and what -B names can be written to' ]
}

@test "a kernel without 9p is told by its options" {
	without 9p
	run -125 --separate-stderr timeout 60 emu-run -o r.json -K without "$K" -- true </dev/null
	[ "$stderr" = 'emu-run: without: no module 9p: the kernel needs CONFIG_9P_FS' ]
	jq -e '.cause == "prepare"' r.json
	# One without a directory of modules says it itself, on the console.
	run -125 --separate-stderr timeout 120 emu-run -k no "$EMU_BUILD/kernels/vmlinuz-amd64" -- true </dev/null
	[[ $stderr = *'emu-spawn: the kernel has no 9p file system: it needs CONFIG_NET_9P_VIRTIO and CONFIG_9P_FS, or their modules (emu-init -K)' ]]
}

@test "a command of another architecture runs on a root of its own" {
	need aarch64-linux-gnu-gcc riscv64-linux-gnu-gcc
	mkdir work
	echo shared >work/file
	cd work
	# The modules of the one are plain, those of the other .ko.xz.
	for arch in arm64:aarch64 riscv64:riscv64; do
		A=$EMU_BUILD/kernels/generic-${arch%:*} root=../root-${arch%:*}
		mkdir -p "$root/bin"
		cp "$EMU_BUILD/kernels/busybox-${arch%:*}" "$root/bin/busybox"
		for c in sh uname cat ls; do
			ln -s busybox "$root/bin/$c"
		done
		run -5 timeout 200 emu-run -k no -B . -R "$root" -K "$A"/lib/modules/* "$A/vmlinuz" -- \
			sh -c 'uname -m; cat file; echo "$0" >out; exit 5' "$arch" </dev/null
		[ "${lines[0]}" = "${arch#*:}" ]
		[ "${lines[1]}" = shared ]
		[ "$(cat out)" = "$arch" ]
	done
}
