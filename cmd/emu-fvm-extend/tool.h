#ifndef TOOL_H
#define TOOL_H

#include "reason.h"

#include <stdint.h>

/* Runs the document's fvm_tool as botanist does: `tool image extend --length
 * N`, its output on our stderr. It is killed when it takes longer than five
 * minutes (times `scale`), or when this process ends; what it started ends
 * with it. Returns 0, or -1
 * with the reason when it could not be run or did not exit with 0. */
int tool_run(const char *tool, const char *image, uint64_t length, double scale,
    struct reason *why);

#endif
