#ifndef JUNIT_H
#define JUNIT_H

#include "test.h"

#include <stdio.h>

/* Prints the tests below the root as JUnit XML, in the form that Jenkins' xUnit
 * plugin has a schema for (junit-10.xsd): a testsuite for each level that has
 * tests, named by the levels around it, with dots between. */
void junit_write(FILE *out, const struct test *root);

#endif
