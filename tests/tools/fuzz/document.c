/* The document reader: any bytes are a document or one line that says why not.
 */
#include "document.h"

#include "image.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *
print(const struct document *document, size_t *len)
{
	struct reason why;
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	if (f == NULL || document_write(document, f, &why) < 0)
		abort();
	fclose(f);
	return text;
}

/* What was printed is read back as the same document. */
static void
round_trip(const struct document *document)
{
	struct document again = {.name = "again"};
	struct reason why = {""};
	size_t len, again_len;
	char *text = print(document, &len);

	again.root = document_parse_text("again", text, len, &why);
	if (again.root == NULL)
		abort();
	char *other = print(&again, &again_len);
	if (len != again_len || memcmp(text, other, len) != 0)
		abort();
	document_free(&again);
	free(other);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct document document;
	struct images images;
	struct reason why = {""};
	char path[64];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (document_read(&document, path, &why) == 0) {
		round_trip(&document);
		images_collect(&document, &images, &why);
		images_free(&images);
	} else if (why.text[0] == '\0' || strchr(why.text, '\n') != NULL) {
		abort();
	}
	document_free(&document);
	close(fd);
	return 0;
}
