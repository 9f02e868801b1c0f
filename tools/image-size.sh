#!/bin/sh
# Prints how large an image is, compressed, and fails above the budget: tools/image-size.sh IMAGE [MEGABYTES]
set -eu
budget=${2:-200}
bytes=$(docker save "$1" | gzip -c | wc -c)
megabytes=$(((bytes + 999999) / 1000000))
echo "$1: $megabytes MB compressed, $budget MB at most"
[ "$megabytes" -le "$budget" ]
