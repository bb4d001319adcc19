load ../lib

setup() {
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work"
	crash=$EMU_BUILD/tests/emu-fvm-extend/crash.so
}

image() {
	"$EMU_BUILD/tests/emu-fvm-extend/image" "$@"
}

small() {
	image make "$1" 32768 aab.DbD..a.b....
}

# whole FILE: it is the whole old or the whole new image.
whole() {
	case $(image check "$1") in
	"8 16 8192 688128") [ "$(stat -c %s "$1")" = 688128 ] ;;
	"8 2042 24576 67108864") [ "$(stat -c %s "$1")" = 67108864 ] ;;
	*) false ;;
	esac
}

# crashing MODE N: emu-fvm-extend -f with its N-th change not done.
crashing() {
	LD_PRELOAD=$crash ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
		CRASH_MODE=$1 CRASH_AT=$2 emu-fvm-extend -f x.img -l 64M
}

# crash_everywhere MODE: stops at each change in turn; the image must be whole
# every time, and another run must succeed and leave nothing else behind.
crash_everywhere() {
	local n status=99
	for ((n = 1; status == 99; n++)); do
		small x.img
		status=0
		crashing "$1" $n || status=$?
		whole x.img || { echo "$1 at $n: not whole"; return 1; }
		emu-fvm-extend -f x.img -l 64M
		whole x.img
		[ "$(ls -A)" = x.img ] || { ls -A; return 1; }
	done
	[ "$status" -eq 0 ]
	[ $n -gt 15 ]
}

@test "fvm -f is atomic when it is killed at any change" {
	crash_everywhere stop
}

@test "fvm -f is atomic when the power fails and data is lost" {
	crash_everywhere drop
}

@test "fvm -f is atomic when the power fails and names are lost" {
	crash_everywhere names
}

@test "fvm -f is atomic when the power fails and data is torn" {
	crash_everywhere torn
}

@test "the interposer finds out when nothing is synced" {
	local n status=99 broken=0
	export CRASH_NOSYNC=1
	for ((n = 1; status == 99; n++)); do
		small x.img
		status=0
		crashing drop $n || status=$?
		whole x.img 2>/dev/null || broken=$((broken + 1))
	done
	[ $broken -gt 0 ]
}

@test "fvm -f changes nothing when any change fails" {
	local n status changes
	small x.img
	changes=$(CRASH_COUNT=1 crashing stop 0 2>&1)
	[ "${changes% changes}" -gt 10 ]
	for ((n = 1; n <= ${changes% changes}; n++)); do
		small x.img
		status=0
		crashing fail $n 2>err || status=$?
		whole x.img
		[ "$(ls -A)" = $'err\nx.img' ]
		# What saves space or time only may fail.
		[ $status -eq 0 ] || [ "$(wc -l <err)" -eq 1 ]
	done
}

@test "fvm -f survives SIGKILL at random moments" {
	image make old.img 4194304 AAA.BB.B
	for ((i = 0; i < EMU_TEST_N; i++)); do
		cp old.img x.img
		emu-fvm-extend -f x.img -l 10000000000 3>&- &
		sleep 0.0$((RANDOM % 5))$((RANDOM % 10))
		kill -KILL $! 2>/dev/null || :
		wait $! || :
		case $(stat -c %s x.img) in
		"$(stat -c %s old.img)") cmp x.img old.img ;;
		*) image check x.img 10000000000 ;;
		esac
		emu-fvm-extend -f x.img
		image check x.img 10000000000
		[ "$(ls -A)" = $'old.img\nx.img' ]
	done
}

@test "fvm -f dies of SIGTERM and leaves nothing" {
	image make old.img 4194304 AAA.BB.B
	for ((i = 0; i < EMU_TEST_N; i++)); do
		cp old.img x.img
		emu-fvm-extend -f x.img 3>&- &
		sleep 0.0$((RANDOM % 3))$((RANDOM % 10))
		kill $! 2>/dev/null || :
		wait $! || [ $? -eq 143 ]
		[ "$(ls -A)" = $'old.img\nx.img' ]
	done
}

@test "fvm -f of one image by several processes at once" {
	for ((i = 0; i < EMU_TEST_N; i++)); do
		small x.img
		pids=
		for length in 1G 2G 3G 64M; do
			emu-fvm-extend -f x.img -l $length 3>&- &
			pids="$pids $!"
		done
		for pid in $pids; do
			wait "$pid"
		done
		image check x.img 3221225472
		[ "$(ls -A)" = x.img ]
	done
}

@test "fvm -f waits for a lock, not for ever" {
	need flock
	small x.img
	flock x.img sleep 0.3 3>&- &
	wait_until sh -c '! flock -n x.img true'
	emu-fvm-extend -f x.img -l 64M
	wait
	whole x.img
	flock x.img sleep 20 3>&- &
	wait_until sh -c '! flock -n x.img true'
	EMU_TIME_SCALE=0.001 expect_error 1 "emu-fvm-extend: x.img: locked by another process" \
		emu-fvm-extend -f x.img -l 128M
	kill $!
	whole x.img
}

@test "fvm -f does not replace a file that somebody writes to" {
	small x.img
	touch -d @1000000000 x.img
	CRASH_TOUCH=x.img expect_error 1 "emu-fvm-extend: x.img: changed while it was copied" \
		crashing stop 0
	image check x.img 688128
	[ "$(ls -A)" = x.img ]
}

@test "fvm -f follows a symbolic link to the file" {
	mkdir a b
	small a/x.img
	ln -s ../a/x.img b/link
	ln -s link b/again
	(cd b && emu-fvm-extend -f again -l 64M)
	[ "$(readlink b/link)" = ../a/x.img ]
	whole a/x.img
	[ "$(ls -A a b)" = $'a:\nx.img\n\nb:\nagain\nlink' ]
}

@test "fvm -f does not follow a stranger's link" {
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	small x.img
	cp x.img old.img
	mkdir shared
	ln -s ../x.img shared/x.img
	chown -h 65534 shared/x.img
	expect_error 1 'emu-fvm-extend: shared/x.img: Too many levels of symbolic links' \
		timeout 60 emu-fvm-extend -f shared/x.img -l 64M
	cmp x.img old.img
}

@test "fvm -f keeps mode and extended attributes" {
	need setfattr getfattr
	small x.img
	chmod 2640 x.img
	setfattr -n user.origin -v 'the build' x.img
	setfattr -n user.empty x.img
	emu-fvm-extend -f x.img -l 64M
	whole x.img
	[ "$(stat -c %a x.img)" = 2640 ]
	[ "$(getfattr --only-values -n user.origin x.img)" = 'the build' ]
	[ "$(getfattr -n user.empty x.img | grep -c user.empty)" -eq 1 ]
}

@test "fvm -f keeps the owner" {
	small x.img
	chmod 600 x.img
	# Without privileges there is only one that it can have.
	[ "$(id -u)" -ne 0 ] || chown 12345:54321 x.img
	before=$(stat -c '%u %g %a' x.img)
	emu-fvm-extend -f x.img -l 64M
	[ "$(stat -c '%u %g %a' x.img)" = "$before" ]
	[ "$(id -u)" -eq 0 ] || return 0
	# Who may write to it, but not give a file to its owner.
	cp "$EMU_BUILD/emu-fvm-extend" ..
	chmod 711 .. ../.. ../../.. 2>/dev/null || true
	chmod 770 .
	chmod 660 x.img
	chgrp 0 . x.img
	expect_error 1 "emu-fvm-extend: x.img: its owner: Operation not permitted" \
		setpriv --reuid 65534 --clear-groups ../emu-fvm-extend -f x.img -l 128M
	[ "$(ls -A)" = x.img ]
	whole x.img
}

@test "fvm -f refuses a file with several names" {
	small x.img
	ln x.img other
	expect_error 1 "emu-fvm-extend: x.img: has 2 hard links, and the others would keep the old image: replace it by a copy of its own first" \
		emu-fvm-extend -f x.img -l 64M
	cmp x.img other
	# Where there is nothing to do it does not matter.
	emu-fvm-extend -f x.img -l 1
}

@test "fvm -f takes regular files only" {
	mkfifo fifo
	mkdir dir
	for x in fifo /dev/null; do
		expect_error 1 "emu-fvm-extend: $x: not a regular file" timeout 10 emu-fvm-extend -f $x
		expect_error 1 "emu-fvm-extend: $x: not a regular file" timeout 10 emu-fvm-extend -n -f $x
	done
	expect_error 1 "emu-fvm-extend: dir: Is a directory" emu-fvm-extend -f dir
	expect_error 1 "emu-fvm-extend: dir: not a regular file" emu-fvm-extend -I -f dir
	expect_error 1 "emu-fvm-extend: none: No such file or directory" emu-fvm-extend -f none
	expect_error 1 "emu-fvm-extend: : No such file or directory" emu-fvm-extend -f ''
}

@test "fvm -f removes what a power cut left" {
	small x.img
	small .x.img.emu
	emu-fvm-extend -f x.img -l 64M
	[ "$(ls -A)" = x.img ]
}

@test "fvm -f lets a stranger's directory of its temporary name be" {
	small x.img
	mkdir .x.img.emu
	emu-fvm-extend -f x.img -l 64M
	whole x.img
	[ "$(ls -A)" = $'.x.img.emu\nx.img' ]
}

@test "fvm says that a file may not become so large" {
	small x.img
	cp x.img old.img
	run -1 --separate-stderr sh -c 'ulimit -f 1000; exec emu-fvm-extend -f x.img -l 64M'
	[ "$stderr" = 'emu-fvm-extend: x.img: File too large' ]
	cmp x.img old.img
	[ "$(ls -A)" = $'old.img\nx.img' ]
}

@test "fvm -f grows an image with a long name" {
	name=$(printf 'x%.0s' {1..255})
	small "$name"
	emu-fvm-extend -f "$name" -l 64M
	whole "$name"
}
