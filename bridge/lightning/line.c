/* SPDX-License-Identifier: MIT */

#include "lightning/line.h"

int line_new(sd_event *event, const struct line_config *config,
	const struct line_ops *ops, void *userdata, struct line **ret)
{
	struct line *line;
	int r;

	r = config->rpc_path != NULL
		    ? line_new_socket(event, config->rpc_path, &line)
		    : line_new_peer(event, config, &line);
	if (r < 0)
		return r;

	line->ops = ops;
	line->userdata = userdata;
	*ret = line;
	return 0;
}

struct line *line_free(struct line *line)
{
	if (line == NULL)
		return NULL;

	line_close(line);
	line->type->free(line);
	return NULL;
}

void line_open(struct line *line)
{
	line->type->open(line);
}

void line_close(struct line *line)
{
	line->type->close(line);
}

int line_send(
	struct line *line, uint64_t number, const char *request, size_t len)
{
	return line->type->send(line, number, request, len);
}
