#ifndef PLAN_H
#define PLAN_H

#include "file.h"
#include "options.h"
#include "reason.h"

/* The machine that boots the files. Each file but the disks occurs at most
 * once. */
struct plan {
	const struct file *kernel, *initrd, *zbi, *dtb, *bios, *efi;
	const struct file *module;      /* a Linux that the kernel starts */
	const struct file *code, *vars; /* for flash memory */
	const struct file *root;        /* the disk with the root of a Linux */
	const struct file *files, *end; /* all operands, for the disks */
	const struct target *target;
	const char *guest;
	bool uefi;          /* it is started by UEFI firmware */
	struct reason note; /* what was assumed, for the user; or "" */
};

/* Decides which machine boots the files. If there is more than one possibility,
 * ends the program with a line that names two. */
void plan_make(struct plan *plan, const struct file *files, size_t count,
    const struct options *options);

/* Whether the target is a PC, which has a BIOS, ISA and IDE. */
bool plan_is_pc(const struct plan *plan);

/* Whether the file becomes a drive of the machine. */
bool plan_is_drive(const struct file *file);

#endif
