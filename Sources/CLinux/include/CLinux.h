#ifndef BOOTWIRE_CLINUX_H
#define BOOTWIRE_CLINUX_H
/* What the Glibc overlay lacks; every function is a thin wrapper that keeps errno. */
int cl_placeholder(void);
#endif
