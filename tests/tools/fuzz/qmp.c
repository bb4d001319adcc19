/* The reader of QMP: any bytes, in any pieces, are messages or noise, and what
 * the record quotes is JSON. */
#include "qmp.h"

#include "json.h"
#include "verdict.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct qmp_message *message, struct verdict *verdict)
{
	json_error_t error;

	verdict_message(verdict, message);
	if (message->kind == QMP_NOISE)
		return;
	json_t *json =
	    json_loadb(message->text, message->len, JSON_ALLOW_NUL, &error);
	/* Numbers out of range, duplicate keys and lone surrogates are for
	 * others to mind. */
	if (json == NULL &&
	    json_error_code(&error) == json_error_invalid_syntax)
		abort();
	json_decref(json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qmp qmp = {0};
	struct qmp_message message;
	struct verdict verdict = {0};
	/* The first byte says how large the pieces are. */
	size_t piece = size > 0 ? data[0] + 1U : 1;

	for (size_t i = 1; i < size; i += piece) {
		size_t len = size - i < piece ? size - i : piece;

		if (qmp_take(&qmp, (const char *)data + i, len) < 0)
			abort();
		while (qmp_next(&qmp, &message))
			check(&message, &verdict);
	}
	if (verdict.event != NULL &&
	    !json_valid(verdict.event, strlen(verdict.event)))
		abort();
	verdict_free(&verdict);
	qmp_free(&qmp);
	return 0;
}
