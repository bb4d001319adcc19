#include "file.h"

#include "../fatal.h"
#include "../memory.h"
#include "document.h"
#include "firmware.h"
#include "packed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What an operand may say that a file is. */
static const struct form {
	const char *word; /* before the file's name */
	enum kind_class class;
	const char *what;
} forms[] = {
    {"kernel:", KIND_KERNEL, "a kernel"},
    {"initrd:", KIND_INITRD, "an initrd"},
    {"bios:", KIND_BIOS, "firmware"},
    {"flash:", KIND_FLASH, "a flash image"},
    {"disk:", KIND_DISK, "a disk"},
    {"cdrom:", KIND_CDROM, "a CD image"},
    {"uefi:", KIND_DISK, "a disk"},
};

/* A file of the whole name is a file. */
static const struct form *
form_of(const char *name)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (strncmp(name, forms[i].word, strlen(forms[i].word)) == 0 &&
		    access(name, F_OK) < 0)
			return &forms[i];
	}
	return NULL;
}

/* What the operand says goes before what the content says. */
static void
take_form(struct kind *kind, const struct form *form)
{
	bool drive = form->class == KIND_DISK || form->class == KIND_CDROM;
	bool uefi = strcmp(form->word, "uefi:") == 0;

	kind->wrong = NULL;
	if (kind->class != form->class &&
	    !(uefi && kind->class == KIND_CDROM)) {
		*kind = (struct kind){.class = form->class,
		    .what = form->what,
		    .target = kind->target,
		    .other = kind->other,
		    .format = drive ? "raw" : NULL,
		    .opaque = drive};
	}
	if (uefi) {
		kind->uefi = true;
		kind->bios = false;
		kind->floppy = false;
	}
}

static bool
is_pipe(const char *name)
{
	struct stat st;

	if (strcmp(name, "-") == 0)
		return true;
	return stat(name, &st) == 0 &&
	       (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

/* A product bundle may be given by its directory. */
static void
find_bundle(struct file *file)
{
	struct stat st;

	if (stat(file->name, &st) < 0 || !S_ISDIR(st.st_mode))
		return;
	file->found = memory_format("%s/product_bundle.json", file->name);
	if (access(file->found, F_OK) == 0)
		file->name = file->found;
}

static void
read_json(struct file *file)
{
	struct reason why;

	file->kind.class = KIND_JSON;
	file->json = document_parse_file(file->name, &why);
	fatal_if(file->json == NULL, &why);
}

bool
file_is_useless(const struct file *file)
{
	return file->kind.class == KIND_USELESS || file->kind.wrong != NULL;
}

void
file_refuse(const struct file *file)
{
	const struct kind *kind = &file->kind;

	if (kind->class == KIND_USELESS)
		fatal("%s: %s, nothing to boot", file->name, kind->what);
	fatal("%s: %s: %s", file->name, kind->what, kind->wrong);
}

/* The file's kind; what the operand says of it goes first. */
static void
find_kind(struct file *file, struct source *source, const struct form *form)
{
	struct kind *kind = &file->kind;

	kind_of(source, kind);
	if (kind->class == KIND_PACKED)
		packed_look(source, file->name, kind);
	if (form != NULL)
		take_form(kind, form);
	if (kind->target == NULL &&
	    (kind->class == KIND_FLASH || kind->class == KIND_BIOS))
		kind->target = firmware_target(file->name, source->targets);
	errno = source->error;
	if (errno != 0)
		fatal_errno(file->name);
	if (source->size == 0)
		fatal("%s: empty", file->name);
}

void
file_look(struct file *file, const char *name, const struct targets *targets)
{
	const struct form *form = form_of(name);
	struct source source;

	file->name = form == NULL ? name : name + strlen(form->word);
	find_bundle(file);
	if (form == NULL && is_pipe(file->name)) {
		read_json(file);
		return;
	}
	source_open(&source, file->name, targets);
	find_kind(file, &source, form);
	source_close(&source);
	if (file->kind.class == KIND_JSON)
		read_json(file);
}

void
file_free(struct file *file)
{
	json_decref(file->backing);
	free(file->found);
	json_decref(file->json);
}
