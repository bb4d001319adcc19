/* The way from the PVH entry (32 bits, no paging, ebx = start info) to C in
 * 64 bits: the first 4 GiB mapped where they are, in pages of 2 MiB. */
	.section .note.pvh, "a", @note
	.long 4, 8, 18		/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.quad start

	.text
	.code32
	.globl start
start:
	cli
	cld
	movl $directory, %edi
	movl $0x83, %eax	/* present, writable, large */
1:	movl %eax, (%edi)
	addl $8, %edi
	addl $0x200000, %eax
	cmpl $directory_end, %edi
	jb 1b

	movl $directory + 3, %eax
	movl $pointers, %edi
	movl $4, %ecx
2:	movl %eax, (%edi)
	addl $8, %edi
	addl $4096, %eax
	loop 2b
	movl $pointers + 3, root

	movl $root, %eax
	movl %eax, %cr3
	movl $0x20, %eax	/* PAE */
	movl %eax, %cr4
	movl $0xc0000080, %ecx	/* EFER: LME */
	rdmsr
	orl $0x100, %eax
	wrmsr
	movl %cr0, %eax
	orl $0x80000000, %eax
	movl %eax, %cr0
	lgdt table
	ljmp $8, $long_mode

	.code64
long_mode:
	movl $16, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl $stack_end, %esp
	movl %ebx, %edi
	call demo

	.globl on_timer
on_timer:
	incq ticks(%rip)
	.globl on_serial
on_serial:
	pushq %rax
	movb $0x20, %al		/* end of interrupt */
	outb %al, $0x20
	popq %rax
	iretq

	.section .rodata
	.balign 8
segments:
	.quad 0
	.quad 0x00af9a000000ffff	/* 8: 64-bit code */
	.quad 0x00cf92000000ffff	/* 16: data */
table:
	.word . - segments - 1
	.long segments

	.bss
	.balign 4096
root:
	.skip 4096
pointers:
	.skip 4096
directory:
	.skip 4 * 4096
directory_end:
	.skip 16384
stack_end:

	.section .note.GNU-stack, "", @progbits
