#include "disk_file.h"

#include "file_io.h"
#include "magic.h"
#include "qcow2.h"

#include <endian.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
	DESCRIPTION_AT = 512, /* of a vmdk, where QEMU looks for it */
	DESCRIPTION = 20 * 512,
	CLUSTER_MOST = 2 << 20, /* bytes */
};

#define ONE_FILE "make it one file (qemu-img convert -O qcow2)"

static const uint32_t format_extension = 0xe2792aca;

/* The beginning of the file. */
struct head {
	int fd;
	size_t len;
	uint8_t bytes[MAGIC_BYTES];
};

/* The format of the next image is in an extension of the header: {type, length,
 * data padded to 8 bytes}, numbers big-endian. As in QEMU, the last one counts,
 * and the extensions end where the next image's name begins. */
static int
read_next_format(struct disk_file *file, int fd, uint64_t at, uint64_t end)
{
	uint32_t word[2], type, size;

	for (; at < end; at += ((uint64_t)size + 7) & ~7ULL) {
		if (file_read(fd, word, sizeof(word), at) < 0)
			return -1;
		at += sizeof(word);
		type = be32toh(word[0]);
		size = be32toh(word[1]);
		if (at > end || size > end - at)
			return -1;
		if (type == 0)
			break;
		if (type != format_extension)
			continue;
		if (size >= sizeof(file->next_format) ||
		    file_read(fd, file->next_format, size, at) < 0)
			return -1;
		file->next_format[size] = '\0';
	}
	return 0;
}

static int
look_qcow2(struct disk_file *file, const struct head *head, struct reason *why)
{
	struct qcow2_header header;

	if (!qcow2_header_read(head->bytes, head->len, &header))
		return reason_set(why, "%s: not a qcow2 image", file->name);
	if (header.incompatible & QCOW2_DATA_FILE)
		return reason_set(why,
		    "%s: a qcow2 disk whose data is in another file, which is "
		    "not followed: " ONE_FILE,
		    file->name);
	if (header.backing == 0)
		return 0;
	if (header.backing_len == 0 ||
	    header.backing_len >= sizeof(file->next) ||
	    file_read(
		head->fd, file->next, header.backing_len, header.backing) < 0)
		return reason_set(why,
		    "%s: a damaged qcow2 disk: its backing file has no name",
		    file->name);
	/* The name is in the first cluster. */
	if (header.backing > CLUSTER_MOST ||
	    read_next_format(file, head->fd, header.length, header.backing) < 0)
		return reason_set(why,
		    "%s: a damaged qcow2 disk: its header's extensions",
		    file->name);
	return 0;
}

/* With a capacity of 0 in its header, or as a text, a vmdk names the files that
 * have its data; a parent is named in its description. */
static bool
is_whole_vmdk(const uint8_t *head, size_t len)
{
	static const char parent[] = "parentFileNameHint";
	uint64_t capacity = 0;
	size_t end = DESCRIPTION_AT + DESCRIPTION;

	if (len >= 20 && memcmp(head, "KDMV", 4) == 0)
		memcpy(&capacity, head + 12, sizeof(capacity));
	else if (len >= 20 && memcmp(head, "COWD", 4) == 0)
		capacity = 1;
	if (end > len)
		end = len;
	return capacity != 0 &&
	       (end <= DESCRIPTION_AT ||
		   memmem(head + DESCRIPTION_AT, end - DESCRIPTION_AT, parent,
		       strlen(parent)) == NULL);
}

static int
look_vmdk(struct disk_file *file, const struct head *head, struct reason *why)
{
	if (is_whole_vmdk(head->bytes, head->len))
		return 0;
	return reason_set(why,
	    "%s: a vmdk disk whose data is in other files, which are not "
	    "followed: " ONE_FILE,
	    file->name);
}

/* Bit 0 of the features: a backing file (QEMU, docs/interop/qed_spec). */
static int
look_qed(struct disk_file *file, const struct head *head, struct reason *why)
{
	if (head->len >= 64 && (head->bytes[16] & 1) == 0)
		return 0;
	return reason_set(why,
	    "%s: a QED disk whose backing file is not followed: " ONE_FILE,
	    file->name);
}

/* The formats that can be looked at, and those from which QEMU follows nothing.
 */
static const struct {
	const char *name;
	int (*look)(struct disk_file *file, const struct head *head,
	    struct reason *why); /* NULL: there is nothing to look at */
} formats[] = {
    {"qcow2", look_qcow2},
    {"vmdk", look_vmdk},
    {"qed", look_qed},
    {"raw", NULL},
    {"vdi", NULL},
    {"vhdx", NULL},
    {"vpc", NULL},
    {"parallels", NULL},
    {"luks", NULL},
    {"dmg", NULL},
    {"cloop", NULL},
    {"bochs", NULL},
};

/* Whether QEMU, told no format, takes the text for a vmdk's description: by its
 * first line that is neither empty nor a comment. */
static bool
is_description(const uint8_t *head, size_t len)
{
	static const char first[] = "version=";
	const uint8_t *end = head + len;

	while (head < end && memchr("# \r\n", *head, 4) != NULL) {
		const uint8_t *line = memchr(head, '\n', (size_t)(end - head));

		head = line == NULL ? end : line + 1;
	}
	return (size_t)(end - head) >= strlen(first) &&
	       memcmp(head, first, strlen(first)) == 0;
}

/* What QEMU takes the content for. */
static const char *
found_format(const uint8_t *head, size_t len)
{
	const struct magic *magic = magic_find(head, len);

	if (magic != NULL && magic->class == MAGIC_DISK)
		return magic->format;
	return is_description(head, len) ? "vmdk" : "raw";
}

static int
look(struct disk_file *file, const struct head *head, struct reason *why)
{
	if (file->format == NULL)
		file->format = found_format(head->bytes, head->len);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(file->format, formats[i].name) == 0)
			return formats[i].look == NULL
				   ? 0
				   : formats[i].look(file, head, why);
	}
	return reason_set(why,
	    "%s: a disk of the format %s, which may refer to other files: " ONE_FILE,
	    file->name, file->format);
}

int
disk_file_look(struct disk_file *file, struct reason *why)
{
	struct head head;
	int result;

	head.fd =
	    open(file->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (head.fd < 0)
		return reason_errno(why, "%s", file->name);
	ssize_t n = file_start(head.fd, head.bytes, sizeof(head.bytes));
	if (n < 0) {
		result = reason_errno(why, "%s", file->name);
	} else {
		head.len = (size_t)n;
		result = look(file, &head, why);
	}
	close(head.fd);
	return result;
}
