#include "plan.h"

#include "../fatal.h"

#include <string.h>

/* What there may be one of, and where the plan keeps it. */
static const struct {
	enum kind_class class;
	size_t at;
	const char *name;
} roles[] = {
    {KIND_KERNEL, offsetof(struct plan, kernel), "kernel"},
    {KIND_INITRD, offsetof(struct plan, initrd), "initrd"},
    {KIND_ZBI, offsetof(struct plan, zbi), "zbi"},
    {KIND_DTB, offsetof(struct plan, dtb), "device tree"},
    {KIND_BIOS, offsetof(struct plan, bios), "firmware"},
    {KIND_FLASH, offsetof(struct plan, code), "flash image"},
    {KIND_VARS, offsetof(struct plan, vars), "flash of variables"},
    {KIND_EFI, offsetof(struct plan, efi), "UEFI application"},
};

/* What the second file of a role is: the variables of a flash image; a Linux
 * that a multiboot kernel, Xen, starts. */
static const struct file **
second(struct plan *plan, const struct file **slot, const struct file *file)
{
	if (slot == &plan->code && plan->vars == NULL)
		return &plan->vars;
	if (slot != &plan->kernel || plan->module != NULL)
		return slot;
	if (plan->kernel->kind.multiboot && file->kind.is_linux)
		return &plan->module;
	if (file->kind.multiboot && plan->kernel->kind.is_linux) {
		plan->module = plan->kernel;
		plan->kernel = NULL;
	}
	return slot;
}

static void
give_roles(struct plan *plan)
{
	for (const struct file *file = plan->files; file < plan->end; file++) {
		for (size_t r = 0; r < sizeof(roles) / sizeof(roles[0]); r++) {
			const struct file **slot =
			    (const struct file **)(void *)((char *)plan +
							   roles[r].at);

			if (roles[r].class != file->kind.class)
				continue;
			if (*slot != NULL)
				slot = second(plan, slot, file);
			if (*slot != NULL)
				fatal("%s: a second %s beside %s", file->name,
				    roles[r].name, (*slot)->name);
			*slot = file;
		}
	}
}

bool
plan_is_drive(const struct file *file)
{
	return file->kind.class == KIND_DISK ||
	       file->kind.class == KIND_CDROM ||
	       file->kind.class == KIND_UNKNOWN;
}

/* Beside a kernel, data can only be a disk without partitions. */
static void
settle_unknown(struct plan *plan)
{
	for (const struct file *file = plan->files; file < plan->end; file++) {
		if (file->kind.class != KIND_UNKNOWN)
			continue;
		if (file->kind.format == NULL)
			fatal(
			    "%s: cannot tell what it is: no disk (its size is "
			    "no multiple of 512), and no kernel known here: "
			    "write bios:%s, kernel:%s and so on",
			    file->name, file->name, file->name);
		if (plan->kernel == NULL)
			fatal(
			    "%s: cannot tell what it is: a kernel's bare code, "
			    "or a disk without partitions: write kernel:%s or "
			    "disk:%s",
			    file->name, file->name, file->name);
		reason_set(&plan->note,
		    "%s: an initrd or a disk without partitions? taken for a "
		    "disk (initrd:%s)",
		    file->name, file->name);
	}
}

/* The first drive that could start something, or NULL. What a qcow2 holds is
 * not looked at, so it could. */
static const struct file *
bootable(const struct plan *plan)
{
	for (const struct file *file = plan->files; file < plan->end; file++) {
		if (plan_is_drive(file) &&
		    (file->kind.bios || file->kind.uefi || file->kind.opaque))
			return file;
	}
	return NULL;
}

static bool
fits(const struct kind *kind, const struct target *target)
{
	return kind->target == NULL || kind->target == target ||
	       kind->other == target;
}

static void
choose_target(struct plan *plan, const struct options *options)
{
	const struct file *from = NULL;

	plan->target = options->target;
	for (const struct file *file = plan->files; file < plan->end; file++) {
		if (plan->target == NULL && file->kind.target != NULL) {
			plan->target = file->kind.target;
			from = file;
		}
	}
	for (const struct file *file = plan->files;
	     file < plan->end && plan->target != NULL; file++) {
		if (fits(&file->kind, plan->target))
			continue;
		if (from == NULL)
			fatal("%s: %s for %s, not for %s", file->name,
			    file->kind.what, file->kind.target->name,
			    plan->target->name);
		fatal("%s: %s for %s, but %s is for %s", file->name,
		    file->kind.what, file->kind.target->name, from->name,
		    plan->target->name);
	}
	if (plan->target == NULL) {
		plan->target = targets_named(&options->targets, "x64");
		reason_set(&plan->note,
		    "%s: for x64 or for arm64? taken for x64 (-A arm64)",
		    plan->files[0].name);
	}
}

/* Fuchsia's machine has a kernel, a zbi and a disk. */
static void
check_fuchsia(const struct plan *plan)
{
	const struct file *disk = NULL;

	if (plan->kernel == NULL)
		fatal("%s: a zbi needs a kernel that starts it (qemu-kernel)",
		    plan->zbi->name);
	for (const struct file *file = plan->files; file < plan->end; file++) {
		if (file == plan->kernel || file == plan->zbi)
			continue;
		if (!plan_is_drive(file) || file->kind.class == KIND_CDROM)
			fatal("%s: %s beside a zbi (%s)", file->name,
			    file->kind.what, plan->zbi->name);
		if (disk != NULL)
			fatal(
			    "%s: a second disk beside %s, where Fuchsia has one",
			    file->name, disk->name);
		disk = file;
	}
}

/* Whether these files start a machine. */
static void
check_start(const struct plan *plan)
{
	if (plan->zbi != NULL) {
		check_fuchsia(plan);
		return;
	}
	if (plan->initrd != NULL && plan->kernel == NULL)
		fatal("%s: an initrd needs a kernel", plan->initrd->name);
	if (plan->efi != NULL && plan->kernel != NULL)
		fatal("%s: a kernel beside a UEFI application (%s)",
		    plan->kernel->name, plan->efi->name);
	if (plan->vars != NULL && plan->bios == NULL && plan->code == NULL)
		fatal("%s: UEFI's variables need the firmware beside them",
		    plan->vars->name);
	if (plan->kernel == NULL && plan->efi == NULL && plan->bios == NULL &&
	    plan->code == NULL && bootable(plan) == NULL)
		fatal("%s: %s: nothing on it starts by itself",
		    plan->files[0].name, plan->files[0].kind.what);
}

bool
plan_is_pc(const struct plan *plan)
{
	return plan->target->kind != NULL && plan->target->kind->isa;
}

/* Whether it takes UEFI to start what there is. */
static bool
needs_uefi(const struct plan *plan)
{
	const struct file *drive = bootable(plan);

	if (plan->kernel != NULL)
		return plan->kernel->kind.zboot;
	return plan->efi != NULL || !plan_is_pc(plan) ||
	       (drive->kind.uefi && !drive->kind.bios);
}

static bool
says_root(const struct options *options)
{
	size_t i;
	json_t *arg;

	json_array_foreach(options->args, i, arg)
	{
		if (strncmp(json_string_value(arg), "root=", 5) == 0)
			return true;
	}
	return false;
}

/* Whether the format of a disk is one that is not read here. */
static bool
is_unseen(const struct kind *kind)
{
	return kind->opaque &&
	       (kind->format == NULL || strcmp(kind->format, "raw") != 0);
}

/* The root of a Linux is the first disk that has one. */
static void
choose_root(struct plan *plan)
{
	const struct file *unseen = NULL;

	for (const struct file *file = plan->files;
	     file < plan->end && plan->root == NULL; file++) {
		int root = file->kind.root;

		if (file->kind.class != KIND_DISK)
			continue;
		if (root == ROOT_WHOLE || root > 0)
			plan->root = file;
		else if (root == ROOT_MANY || is_unseen(&file->kind))
			unseen = file;
	}
	if (plan->root == NULL && unseen != NULL)
		reason_set(&plan->note,
		    "%s: %s: the kernel is told no root (-a root=/dev/vda1)",
		    unseen->name,
		    unseen->kind.opaque
			? "its content is not looked at"
			: "more than one partition could be the root");
}

/* A disk that cannot be looked into may start by either. */
static void
note_opaque(struct plan *plan)
{
	const struct file *drive = bootable(plan);

	if (drive != NULL && is_unseen(&drive->kind) && !drive->kind.uefi)
		reason_set(&plan->note,
		    "%s: by BIOS or by UEFI? its content is not looked at: "
		    "taken for BIOS (uefi:%s)",
		    drive->name, drive->name);
}

void
plan_make(struct plan *plan, const struct file *files, size_t count,
    const struct options *options)
{
	*plan = (struct plan){.files = files, .end = files + count};
	give_roles(plan);
	settle_unknown(plan);
	check_start(plan);
	choose_target(plan, options);
	plan->guest = "none";
	if (plan->zbi != NULL)
		plan->guest = "fuchsia";
	else if (plan->kernel != NULL && plan->kernel->kind.is_linux)
		plan->guest = "linux";
	if (strcmp(plan->guest, "linux") == 0 && !says_root(options))
		choose_root(plan);
	if (plan->efi != NULL && plan->efi->kind.has_line &&
	    json_array_size(options->args) > 0)
		reason_set(&plan->note, "%s: its own command line is replaced",
		    plan->efi->name);
	if (plan->kernel == NULL && plan->efi == NULL &&
	    json_array_size(options->args) > 0)
		fatal("-a %s: %s takes no arguments",
		    json_string_value(json_array_get(options->args, 0)),
		    files[0].name);
	if (plan->bios != NULL || plan->code != NULL)
		return;
	plan->uefi = needs_uefi(plan);
	if (plan->kernel == NULL && !plan->uefi)
		note_opaque(plan);
}
