#ifndef JSON_MEMORY_H
#define JSON_MEMORY_H

/* Makes jansson end the process by fatal_memory() when memory is short. By
 * itself jansson 2.14 leaves out of an object or a text what it could not hold
 * (json_object_update_missing, json_pack's '*', its parser's strbuffer), and
 * reads behind a string that it could not grow. Call it before jansson is used.
 */
void json_memory_guard(void);

#endif
