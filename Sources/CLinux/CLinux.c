#define _GNU_SOURCE
#include "CLinux.h"
int cl_placeholder(void) { return 0; }
