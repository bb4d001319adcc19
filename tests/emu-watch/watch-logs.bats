# The shipped pattern sets on the logs of real systems (tests/emu-watch/logs): Debian
# 12's kernels, U-Boot, OVMF, SeaBIOS and QEMU, each made to fail for real.
load ../lib

logs=$EMU_ROOT/tests/emu-watch/logs

# finds SET LOG STATUS [LAST LINE]: also that the copy is exact. T stands for the
# time.
finds() {
	local status=0
	cd "$BATS_TEST_TMPDIR" || return 1
	emu-watch -f "@$1" -o rec <"$logs/$2" >out 2>err || status=$?
	cmp "$logs/$2" out
	[ "$status" -eq "$3" ] || { echo "status $status"; cat err; return 1; }
	[ -z "${4:-}" ] || [ "$(tail -n 1 err | sed 's/, [0-9.]* s: /, T s: /')" = "emu-watch: $4" ] ||
		{ cat err; return 1; }
}

# reports LOG'S LAST LINE: how the report of the first failure ends.
reports() {
	local last
	last=$(jq -r '[.matches[] | select(.severity == "fatal")][0].report |
		split("\n") | map(select(. != ""))[-1]' rec)
	[[ $last = $1 ]] || { echo "report ends: $last"; return 1; }
}

@test "watch's sets find nothing in what went well" {
	for set in linux zircon u-boot uefi qemu; do
		for log in linux-clean uefi-clean u-boot-clean; do
			finds "$set" "$log" 0
		done
		for log in kunit-example kselftest; do
			finds "$set" "../../emu-ktap/logs/$log" 0
		done
	done
}

@test "watch -f @linux finds a panic" {
	finds linux linux-panic 1 'linux: panic: line 7, T s: Kernel panic - not syncing: sysrq triggered crash'
	finds linux linux-arm64-panic 1 'linux: panic: line 13, T s: Kernel panic - not syncing: sysrq triggered crash'
	finds linux linux-noroot 1
	finds linux linux-init 1 'linux: panic: line 6, T s: Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000300'
}

@test "watch -f @linux finds an oops and its trace" {
	finds linux linux-oops 1 'linux: oops: line 8, T s: BUG: kernel NULL pointer dereference, address: 0000000000000008'
	reports '---\[ end trace 0000000000000000 \]---'
	finds linux linux-oops-panic 1 'linux: oops: line 8, T s: general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] PREEMPT SMP NOPTI'
	reports '---\[ end trace 0000000000000000 \]---'
}

@test "watch -f @linux finds BUG" {
	finds linux linux-bug 1 'linux: bug: line 9, T s: kernel BUG at mischief.c:18!'
	reports '---\[ end trace 0000000000000000 \]---'
	finds linux linux-atomic 1 'linux: bug: line 8, T s: BUG: scheduling while atomic: init/1/0x00000002'
	reports ' </TASK>'
}

@test "watch -f @linux finds hung tasks and lockups" {
	finds linux linux-hung 1 'linux: hung-task: line 8, T s: INFO: task hanger:96 blocked for more than 5 seconds.'
	reports ' </TASK>'
	finds linux linux-lockup 1 'linux: lockup: line 8, T s: watchdog: BUG: soft lockup - CPU#1 stuck for 6s! [spinner:94]'
	reports ' </TASK>'
}

@test "watch -f @linux finds that memory ran out" {
	finds linux linux-oom 1
	grep -q '^emu-watch: linux: oom-killer: line .*: tail invoked oom-killer:' err
	grep -q '^emu-watch: linux: oom: line .*: Out of memory: Killed process' err
}

@test "watch -f @linux takes a warning for no failure" {
	finds linux linux-warning 0 'linux: warning: line 10, T s: WARNING: CPU: 1 PID: 1 at mischief.c:19 mis_write+0x1f7/0xfb0 [mischief]'
	[ "$(jq '.matches | length' rec)" -eq 1 ]
	jq -r '.matches[0].report' rec | grep -q 'end trace'
}

@test "watch -f @u-boot finds what does not boot, and an exception" {
	finds u-boot u-boot-abort 1 "u-boot: no-boot: line 36, T s: ERROR: can't get kernel image!"
	[ "$(jq -c '[.matches[] | select(.severity == "fatal").kind]' rec)" = \
		'["no-boot","no-boot","exception"]' ]
	finds u-boot u-boot-clean 0
	[ "$(jq -c '[.matches[].kind]' rec)" = '["environment"]' ]
}

@test "watch -f @uefi finds an exception, and that nothing boots" {
	finds uefi uefi-exception 1 'uefi: exception: line 10, T s: !!!! X64 Exception Type - 0D(#GP - General Protection)  CPU Apic ID - 00000000 !!!!'
	reports '!!!! Find image based on IP*'
	finds uefi uefi-noboot 1 'uefi: no-boot: line 4, T s: BdsDxe: No bootable option or device was found.'
}

@test "watch -f @qemu finds what keeps QEMU and SeaBIOS from starting" {
	finds qemu qemu-seabios 1 'qemu: no-boot: line 10, T s: No bootable device.'
	finds qemu qemu-drive 1
	finds qemu qemu-kvm 1
	finds qemu qemu-nofile 1
	finds qemu qemu-option 1 'qemu: start: line 1, T s: qemu-system-x86_64: -frob: invalid option'
	finds qemu qemu-signal 0
}

@test "watch -f @zircon finds a panic as its source prints it" {
	cd "$BATS_TEST_TMPDIR"
	printf '%s\n' '[00001.234] 01044:01094> starting' 'ZIRCON KERNEL PANIC' \
		'UPTIME: 1234ms' 'bt#00: 0xffffffff80169b5c' Halted x >in
	status=0
	emu-watch -f @zircon -o rec <in >out 2>err || status=$?
	[ "$status" -eq 1 ]
	reports Halted
}

@test "watch finds the same in a log cut anywhere" {
	cd "$BATS_TEST_TMPDIR"
	emu-watch -f @linux -o whole <"$logs/linux-oops" >out 2>err || [ $? -eq 1 ]
	for n in 1 61; do
		dd bs=$n <"$logs/linux-oops" 2>/dev/null |
			{ emu-watch -f @linux -o cut >out 2>err || [ $? -eq 1 ]; }
		# What comes behind the report may or may not be seen.
		diff <(jq '[.matches[:2][] | del(.time)]' whole) \
			<(jq '[.matches[:2][] | del(.time)]' cut)
	done
}

alone() { # SET STATUS WHETHER THERE IS A MESSAGE
	local line status
	cd "$BATS_TEST_TMPDIR" || return 1
	while IFS= read -r line; do
		status=0
		printf '[    1.000000] %s\n' "$line" | emu-watch -f "@$1" >out 2>err || status=$?
		[ "$status" -eq "$2" ] || { echo "status $status: $line"; return 1; }
		[ "$(wc -l <err)" -eq "$3" ] || { cat err; echo "$line"; return 1; }
	done
}

@test "watch -f @linux knows what each architecture and version says, behind any prefix" {
	local texts=$EMU_ROOT/tests/emu-watch/linux-fatal prefix
	cd "$BATS_TEST_TMPDIR"
	# As notes, none of them ends the run, and one run has them all.
	sed 's/^fatal /note fatal-/' "$EMU_ROOT/share/patterns/linux" >notes
	for prefix in '' '[ 1.0] ' '[    1.000000][  T123] ' '[    1.000000][    C0] ' '<4>' \
		'<4>[    1.000000] ' '[    T1] ' 'Nov 29 00:00:00 host kernel: ' \
		'2026-11-29T00:00:00.1+00:00 host kernel: [    1.000000] ' \
		'kern  :emerg : [    1.000000] ' $'\e[32m[    1.000000] \e[0m\e[31m'; do
		while IFS= read -r line; do
			printf '%s%s\e[0m\r\n' "$prefix" "$line"
		done <"$texts" >in
		emu-watch -f @./notes -o rec <in >out 2>err
		diff <(seq "$(wc -l <"$texts")") <(jq '[.matches[] |
			select(.kind | startswith("fatal-")).line] | unique[]' rec) ||
			{ echo "prefix: $prefix"; false; }
	done
	head -n 3 "$texts" | alone linux 1 1
	alone linux 1 1 <<<'(initramfs) '
	printf '[ 1.0] INFO: task a\n[ 1.0] b:18 blocked for more than 143 seconds.\n' >in
	run -1 emu-watch -f @linux <in
}

@test "watch -f @linux tells of lockdep in its old words and its new ones" {
	alone linux 0 1 <<-'E'
		WARNING: possible circular locking dependency detected
		[ INFO: possible circular locking dependency detected ]
		[ INFO: possible recursive locking detected ]
		[ INFO: suspicious RCU usage. ]
		[ INFO: inconsistent lock state ]
		[ INFO: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected ]
		WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected
		WARNING: bad unlock balance detected!
		WARNING: bad contention detected!
		WARNING: held lock freed!
		WARNING: Nested lock was not taken
		WARNING: x/1 still has locks held!
		WARNING: lock held when returning to user space!
		INFO: trying to register non-static key.
		WARNING: [cond] file.c:1 at f+0x1/0x2
		WARNING: file.c:1 at f+0x1/0x2
	E
}

@test "watch -f @linux tells of a warning that is a mere text" {
	alone linux 0 1 <<-'E'
		WARNING: a driver's support is incomplete, do not expect much
		WARNING: x
		usb 1-1: WARNING: this driver is incomplete
		WARNING: suspicious RCU usage
		WARNING: inconsistent lock state
		WARNING: Invalid wait context
	E
	alone linux 0 1 <<-'E'
		swapper/0: page allocation failure: order:4, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)
		kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
		mce: [Hardware Error]: Machine check events logged
		irq 16: nobody cared (try booting with the "irqpoll" option)
		Uhhuh. NMI received for unknown reason 2d on CPU 0.
		Initramfs unpacking failed: junk within compressed archive
		Failed to execute /init (error -8)
		stress invoked oom-killer: gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0
		[FAILED] Failed to start x.service - X.
	E
	alone linux 0 0 <<-'E'
		no WARNING: within a line
		ok 1 - WARNING: a test
	E
}

@test "watch's sets take no name of a test for a crash" {
	alone linux 0 0 <<-'E'
		ok 3 - BUG: scheduling while atomic is found
		    not ok 4 BUG: a test of that name
		# ok 5 BUG: a nested one
		ok 6 Kernel panic - not syncing: a test of it
		not ok 7 - Oops: 0000 [#1] is understood
		ok 8 - WARNING: CPU: 0 PID: 1 at a.c:1
		ok 9 You are in emergency mode
		dhclient[97]: bound to 10.0.2.15 [1]
		bash (pid 7): a signal (code 1) at 0x1234
		Memory cgroup out of memory: Killed process 7 (a)
		an issue called [#1] here
		    # Subtest: BUG: a suite
		root@host:~# dmesg | grep "Kernel panic - not syncing"
		+ grep -q BUG: /tmp/log
		$ echo BUG: none
		case $line in "BUG: "*) ;; esac
		Kernel command line: console=ttyS0 note=BUG: x
		reboot: System halted
		[  OK  ] Reached target Emergency Mode.
		Welcome to Debian GNU/Linux 12 (bookworm) dracut-059-4 (Initramfs)!
		Whoops
		Error: unrecognized option
		sshd[97]: User x not allowed because account is locked
	E
	# The same where the kernel printed into it.
	alone linux 1 1 <<-'E'
		root@host:~# BUG: scheduling while atomic: init/1/0x00000002
		# grep x [   12.345678] BUG: unable to handle page fault
	E
	alone uefi 0 0 <<<'ASSERT EQ passed: 3'
}

@test "watch's other sets know their words" {
	alone zircon 1 1 <<-'E'
		recursion in interrupt handler
		STARNIX KERNEL PANIC
		ZIRCON KERNEL OOPS
		double fault, halting
		unhandled hw breakpoint, halting
	E
	alone zircon 0 1 <<-'E'
		goroutine 36 [running]:
		ERROR: AddressSanitizer: heap-use-after-free on address 0x1
		lockup_detector: no heartbeat from CPU-1 in 1050 ms
	E
	alone zircon 0 0 <<<'lockup_detector: threshold is 7800000000 ticks (3000000000 ns)'
	alone uefi 1 1 <<-'E'
		ASSERT [DxeCore] /edk2/MdeModulePkg/Core/Dxe/Mem/Page.c(42): Status == 0
		ASSERT /edk2/MdePkg/Library/BaseLib/String.c(123): String != ((void *) 0)
		ASSERT_EFI_ERROR (Status = Not Found)
		DXE_ASSERT!: x.c (12): 0
		!!!! RISCV64 Exception Type - 000000000000000F(EXCEPT_RISCV_STORE_ACCESS_PAGE_FAULT) !!!!
		FIQ Exception at 0x0000000047D12345
		Data Abort Exception PC at 0x47D12345  CPSR 0x60000033
	E
	alone u-boot 1 1 <<<'Ramdisk image is corrupt or invalid'
}

@test "watch -f @qemu tells QEMU's end from what it only mentions" {
	cd "$BATS_TEST_TMPDIR"
	while IFS= read -r line; do
		status=0
		emu-watch -f @qemu <<<"$line" >out 2>err || status=$?
		[ "$status" -eq 1 ] || { echo "$line"; false; }
	done <<-'E'
		qemu-system-x86_64: Some ROM regions are overlapping
		qemu-system-x86_64: ../hw/x.c:12: x_reset: Assertion `x->y' failed.
		Bail out! ERROR:../target/i386/tcg/translate.c:1234:x: code should not be reached
		qemu: hardware error: x
		qemu-system-x86_64: unable to find CPU model 'x'
		qemu-system-x86_64: Error loading uncompressed kernel without PVH ELF Note
		/usr/bin/qemu-system-x86_64: error while loading shared libraries: x.so.1
	E
	while IFS= read -r line; do
		emu-watch -f @qemu <<<"$line" >out 2>err || { echo "$line"; false; }
	done <<-'E'
		qemu-system-x86_64: warning: host doesn't support requested feature: CPUID.01H:ECX.vmx [bit 5]
		qemu-system-x86_64: terminating on signal 15 from pid 1234 (timeout)
		qemu-system-x86_64: Issue while setting TUNSETSTEERINGEBPF: Invalid argument with fd: 9, prog_fd: -1
	E
}
