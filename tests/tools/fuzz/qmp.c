/* The reader of QMP: any bytes, in any pieces, are messages, and what the
 * record quotes is one of them. */
#include "qmp.h"

#include "verdict.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct qmp_message *message, struct verdict *verdict)
{
	if (message->kind != QMP_GARBLED && !json_is_object(message->value))
		abort();
	verdict_message(verdict, message);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qmp qmp = {0};
	struct qmp_message message;
	struct verdict verdict = {0};
	/* The first byte says how large the pieces are. */
	size_t piece = size > 0 ? data[0] + 1U : 1;

	for (size_t i = 1; i <= size; i += piece) {
		size_t len = size - i < piece ? size - i : piece;

		/* The last one, of no bytes, is the end. */
		if (qmp_take(&qmp, (const char *)data + i, len) < 0)
			abort();
		while (qmp_next(&qmp, &message))
			check(&message, &verdict);
	}
	if (verdict.event != NULL && !json_is_object(verdict.event))
		abort();
	json_decref(verdict.event);
	json_decref(qmp.value);
	free(qmp.bytes);
	return 0;
}
