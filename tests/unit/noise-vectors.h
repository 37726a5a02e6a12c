/* SPDX-License-Identifier: MIT */
#pragma once

/* BOLT 8, Appendix A */

#define RS_PRIV \
	"2121212121212121212121212121212121212121212121212121212121212121"
#define RS_PUB \
	"028d7500dd4c12685d1f568b4c2b5048e8534b873319f3a8daa612b469132ec7f7"
#define LS_PRIV \
	"1111111111111111111111111111111111111111111111111111111111111111"
#define LS_PUB \
	"034f355bdcb7cc0af728ef3cceb9615d90684bb5b2ca5f859ab0f0b704075871aa"
/* Ephemeral keys: of who dials, of who is dialled. */
#define E_INITIATOR \
	"1212121212121212121212121212121212121212121212121212121212121212"
#define E_RESPONDER \
	"2222222222222222222222222222222222222222222222222222222222222222"

#define ACT1                                             \
	"00036360e856310ce5d294e8be33fc807077dc56ac80d9" \
	"5d9cd4ddbd21325eff73f70df6086551151f58b8afe6c195782c6a"
#define ACT2                                             \
	"0002466d7fcae563e5cb09a0d1870bb580344804617879" \
	"a14949cf22285f1bae3f276e2470b93aac583c9ef6eafca3f730ae"
#define ACT3                                                     \
	"00b9e3a702e93e3a9948c2ed6e5fd7590a6e1c3a0344cfc9d5b573" \
	"57049aa22355361aa02e55a8fc28fef5bd6d71ad0c38228dc68b1c" \
	"466263b47fdf31e560e139ba"

/* "hello" from who dials, the nth time. */
static const struct {
	unsigned int n;
	const char *sealed;
} hellos[] = {
	{ 0, "cf2b30ddf0cf3f80e7c35a6e6730b59fe802473180f396d88a8fb0db8cbcf25d2"
	     "f"
	     "214cf9ea1d95" },
	{ 1, "72887022101f0b6753e0c7de21657d35a4cb2a1f5cde2650528bbc8f837d0f0d7"
	     "a"
	     "d833b1a256a1" },
	{ 500, "178cb9d7387190fa34db9c2d50027d21793c9bc2d40b1e14dcf30ebeeeb220f"
	       "4"
	       "8364f7a4c68bf8" },
	{ 501, "1b186c57d44eb6de4c057c49940d79bb838a145cb528d6e8fd26dbe50a60ca2"
	       "c"
	       "104b56b60e45bd" },
	{ 1000, "4a2f3cc3b5e78ddb83dcb426d9863d9d9a723b0337c89dd0b005d89f8d3c05"
		"c"
		"52b76b29b740f09" },
	{ 1001, "2ecd8c8a5629d0d02ab457a0fdd0f7b90a192cd46be5ecb6ca570bfc5e2683"
		"3"
		"8b1a16cf4ef2d36" },
};
