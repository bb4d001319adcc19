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

@test "watch -f @linux knows what each architecture and version says of a crash" {
	alone linux 1 1 <<-'E'
		PANIC: early exception 0x0e IP 10:ffffffff81a2b3c4 error 0 cr2 0x8
		 -- System halted
		Oops - illegal instruction [#1]
		Oops - load access fault [#1]
		Kernel BUG [#1]
		int3: 0000 [#1] PREEMPT SMP
		divide_error: 0000 [#1] PREEMPT SMP KASAN
		divide error: 0000 [#1] SMP
		double fault: 0000 [#1] SMP
		invalid TSS: 0000 [#1] SMP
		alignment check: 0000 [#1] SMP
		Bad pagetable: 000d [#1] SMP
		Internal error: Oops - BUG: 00000000f2000800 [#1] SMP
		Internal error: Oops: 817 [#1] SMP ARM
		Oops: Kernel access of bad area, sig: 11 [#1]
		Oops[#1]:
		Kernel bug detected[#1]:
		illegal operation: 0001 ilc:1 [#1] SMP
		swapper(1): Kernel bad sw trap 5 [#1]
		Kernel BUG at f+0x1/0x2 [verbose debug info unavailable]
		Insufficient stack space to handle exception!
		swapper(1): Oops 1
		swapper/0[1]: Oops 8813272891392 [1]
		insmod[97]: NaT consumption 17179869216 [1]
		Oops#: 0000
		Oops: Kernel access of bad area, sig: 11
		Oops: 00000000
		swapper (pid 1): Kernel bad trap (code 5)
		Bad mode in Error handler detected on CPU0, code 0xbf000000 -- SError
		Unable to handle kernel NULL pointer dereference at virtual address 00000000
		CPU 0 Unable to handle kernel paging request at virtual address 00000008, epc == 80100000
		Unhandled kernel unaligned access[#1]:
		Unhandled kernel unaligned access or invalid instruction: sig: 11 [#1]
		data access exception: 0038 ilc:2 [#1] SMP
		Thread overran stack, or stack corrupted: 0000 [#1]
		BUG kmalloc-64 (Tainted: G    B  ): Object already free
		BUG kmalloc-64 (Not tainted): Poison overwritten
		VFS: Busy inodes after unmount of sda. Self-destruct in 5 seconds.
	E
}

@test "watch -f @linux knows what each version says of hangs and of memory" {
	alone linux 1 1 <<-'E'
		INFO: rcu_sched self-detected stall on CPU
		INFO: rcu_preempt detected stalls on CPUs/tasks:
		INFO: rcu_tasks detected stalls on tasks:
		rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 0-... }
		CPU 3 detected hard LOCKUP on other CPUs 0
		CPU 3 self-detected hard LOCKUP @ f+0x1/0x2
		Watchdog detected hard LOCKUP on cpu 1
		INFO: task x:1 blocked for more than 120 seconds.
		INFO: task x:1 can't die for more than 143 seconds.
		unregister_netdevice: waiting for lo to become free. Usage count = 2
		Out of memory: Kill process 7 (a) score 9 or sacrifice child
		Out of memory: Killed process 7 (a) total-vm:1kB
		Out of memory (oom_kill_allocating_task): Kill process 7 (a)
		Out of memory (oom_kill_allocating_task): Killed process 7 (a)
	E
	printf '[ 1.0] INFO: task a\n[ 1.0] b:18 blocked for more than 143 seconds.\n' >in
	run -1 emu-watch -f @linux <in
}

@test "watch -f @linux knows the shells that a boot ends in" {
	alone linux 1 1 <<-'E'
		systemd[1]: Freezing execution.
		You are in emergency mode. After logging in, type
		Entering emergency mode. Exit the shell to continue.
		dracut: FATAL: No or empty root= argument
		ALERT!  /dev/sda does not exist.  Dropping to a shell!
		Gave up waiting for root file system device.  Common problems:
		You are now being dropped into an emergency shell.
		initramfs emergency recovery shell launched. Type 'exit' to continue boot
		An error occurred in stage 1 of the boot process, which must mount the
	E
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
		WARNING: held lock freed!
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
	E
	alone uefi 0 0 <<<'ASSERT EQ passed: 3'
}

@test "watch's other sets know their words" {
	alone zircon 1 1 <<-'E'
		recursion in interrupt handler
		STARNIX KERNEL PANIC
	E
	alone uefi 1 1 <<-'E'
		ASSERT [DxeCore] /edk2/MdeModulePkg/Core/Dxe/Mem/Page.c(42): Status == 0
		ASSERT /edk2/MdePkg/Library/BaseLib/String.c(123): String != ((void *) 0)
		ASSERT_EFI_ERROR (Status = Not Found)
	E
	alone qemu 1 1 <<<'qemu-system-x86_64: Some ROM regions are overlapping'
}
