from benchmarks import cost
import asyncio
from rich.console import Console
import sys
asyncio.run(cost.measure(cost.Size(checks=int(sys.argv[1]), rounds=int(sys.argv[2])))).print(Console())
