"""Draw a street with a clock and encode it, twice: ``python simulator/clip/make.py`` (needs ffmpeg with libx264).

The clips are committed, so that the city needs no ffmpeg. Three seconds at ten frames a second, H.264 baseline in
Annex B, a key frame a second; the last frame leads to the first.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

RATE = 10
FRAMES = 30
SIZES = {"main": (640, 360), "sub": (320, 180)}
Colour = tuple[int, int, int]

SKY, HILL, WALL, ROAD, KERB, PAINT = (
    (118, 160, 196), (96, 122, 92), (172, 148, 120), (70, 72, 76), (150, 150, 146), (226, 222, 205),
)  # fmt: skip
RED, GREEN, GLASS, WHEEL, DARK, AMBER = (
    (196, 48, 42), (60, 168, 84), (52, 74, 92), (24, 24, 26), (20, 22, 26), (250, 186, 60),
)  # fmt: skip
#: Which of the seven segments (top, upper left, upper right, middle, lower left, lower right, bottom) make a digit.
SEGMENTS = (
    "1110111", "0010010", "1011101", "1011011", "0111010", "1101011", "1101111", "1010010", "1111111", "1111011",
)  # fmt: skip


class Picture:
    """An RGB picture that is drawn in units of 320 by 180, whatever its size."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height, self.scale = width, height, width / 320
        self.pixels = bytearray(width * height * 3)

    def box(self, x: float, y: float, w: float, h: float, colour: Colour) -> None:
        left, right = (max(0, min(self.width, round(v * self.scale))) for v in (x, x + w))
        top, bottom = (max(0, min(self.height, round(v * self.scale))) for v in (y, y + h))
        line = bytes(colour) * (right - left)
        for row in range(top, bottom):
            start = (row * self.width + left) * 3
            self.pixels[start : start + len(line)] = line

    def digit(self, x: float, y: float, value: int, colour: Colour) -> None:
        places = ((1, 0, 6, 2), (0, 1, 2, 7), (6, 1, 2, 7), (1, 7, 6, 2), (0, 8, 2, 7), (6, 8, 2, 7), (1, 14, 6, 2))
        for lit, (dx, dy, w, h) in zip(SEGMENTS[value], places, strict=True):
            if lit == "1":
                self.box(x + dx, y + dy, w, h, colour)


def car(picture: Picture, x: float, y: float, colour: Colour, size: float) -> None:
    picture.box(x, y, 46 * size, 12 * size, colour)
    picture.box(x + 9 * size, y - 9 * size, 26 * size, 10 * size, colour)
    picture.box(x + 12 * size, y - 7 * size, 9 * size, 7 * size, GLASS)
    picture.box(x + 23 * size, y - 7 * size, 9 * size, 7 * size, GLASS)
    for wheel in (7, 32):
        picture.box(x + wheel * size, y + 9 * size, 8 * size, 7 * size, WHEEL)


def draw(picture: Picture, frame: int) -> None:
    """A street: houses, a traffic light, two cars that pass once in a loop, seconds and tenths on a board."""
    done = frame / FRAMES
    picture.box(0, 0, 320, 70, SKY)
    picture.box(0, 70, 320, 32, HILL)
    for step in range(8):
        picture.box(step * 44 - 12, 56 - (step * 37 % 23), 48, 60, HILL)
    for house in range(5):
        picture.box(house * 68 - 8, 44 + house % 3 * 9, 54, 64, WALL)
        for window in range(6):
            picture.box(house * 68 + window % 3 * 15, 58 + house % 3 * 6 + window // 3 * 18, 8, 10, GLASS)
    picture.box(0, 100, 320, 6, KERB)
    picture.box(0, 106, 320, 74, ROAD)
    for dash in range(9):
        picture.box(dash * 40 + 6, 138, 22, 3, PAINT)
    car(picture, 360 * done - 56, 114, RED, 0.9)
    car(picture, 330 - 390 * done, 156, (46, 96, 170), 1.15)
    picture.box(286, 40, 4, 64, DARK)
    picture.box(280, 20, 16, 40, DARK)
    for lamp, (colour, first, last) in enumerate(((RED, 0, 13), (AMBER, 13, 16), (GREEN, 16, 30))):
        picture.box(284, 24 + lamp * 12, 8, 9, colour if first <= frame < last else (58, 58, 60))
    picture.box(8, 8, 52, 24, DARK)
    seconds, tenths = divmod(frame, RATE)
    for place, value in enumerate((seconds // 10, seconds, tenths)):
        picture.digit(13 + place * 13 + (4 if place == 2 else 0), 12, value % 10, AMBER)
    picture.box(39, 26, 2, 2, AMBER)


def encode(name: str, width: int, height: int) -> None:
    """Encode one clip; without the encoder's own note in an SEI unit."""
    frames = bytearray()
    for frame in range(FRAMES):
        picture = Picture(width, height)
        draw(picture, frame)
        frames += picture.pixels
    command = [
        "ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}",
        "-r", str(RATE), "-i", "-", "-an", "-c:v", "libx264", "-profile:v", "baseline", "-pix_fmt", "yuv420p",
        "-g", str(RATE), "-keyint_min", str(RATE), "-sc_threshold", "0", "-crf", "27", "-threads", "1",
        "-x264-params", "slices=1", "-bsf:v", "filter_units=remove_types=6", "-f", "h264",
        str(Path(__file__).with_name(f"{name}.h264")),
    ]  # fmt: skip
    subprocess.run(command, input=bytes(frames), check=True)  # noqa: S603 - a fixed command


if __name__ == "__main__":
    for clip, (clip_width, clip_height) in SIZES.items():
        encode(clip, clip_width, clip_height)
