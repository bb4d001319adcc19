#ifndef PLAN_H
#define PLAN_H

#include "file.h"
#include "options.h"
#include "reason.h"

/* What the files are together: at most one of each but the disks. */
struct plan {
	const struct file *kernel, *initrd, *zbi, *dtb, *bios, *efi;
	const struct file *code, *vars; /* in flash memory */
	const struct file *files;       /* all, for the disks */
	size_t count;
	const struct target *target;
	const char *guest;
	bool uefi;          /* it takes UEFI firmware to start */
	struct reason note; /* what could not be told and was assumed; or "" */
};

/* Decides what machine boots the files. What cannot be told ends the program,
 * with a line that names the two things it could be. */
void plan_make(struct plan *plan, const struct file *files, size_t count,
    const struct options *options);

/* Whether its target is a PC: with a BIOS, ISA and IDE. */
bool plan_is_pc(const struct plan *plan);

/* Whether the file becomes a drive. */
bool plan_is_drive(const struct file *file);

#endif
