// Where the thread of this goroutine keeps its state: g.m of the Go 1.19 runtime.

#include "textflag.h"

// func threadState() unsafe.Pointer
TEXT ·threadState(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ 48(AX), AX
	MOVQ AX, ret+0(FP)
	RET
