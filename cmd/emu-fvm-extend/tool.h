#ifndef TOOL_H
#define TOOL_H

#include <stdint.h>

/* Runs the document's fvm_tool as botanist does: `tool image extend --length
 * N`, its output on our stderr. It is killed when it takes longer than five
 * minutes (times `scale`), or when this process ends; what it started ends
 * with it. It has to exit with 0. */
void tool_run(
    const char *tool, const char *image, uint64_t length, double scale);

#endif
