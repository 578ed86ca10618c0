"""A deterministic portal of many report pages on loopback, for the benchmark: static lists, ETags, no cost worth naming.

`python bench/harvest/site.py --pages 5000 --port 0` prints its port and serves until it is terminated. Pages are 5 to 80 KB of HTML (mean
about 30 KB) with tables and navigation, as measured on real portals; the server answers from memory.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import math
import random

WORDS = [
    "政府信息公开",
    "工作年度报告",
    "主动公开",
    "依申请公开",
    "行政机关",
    "规范性文件",
    "制发件数",
    "废止件数",
    "现行有效",
    "行政许可",
    "行政处罚",
    "行政强制",
    "行政事业性收费",
    "自然人",
    "商业企业",
    "科研机构",
    "社会公益组织",
    "法律服务机构",
    "予以公开",
    "部分公开",
    "不予公开",
    "无法提供",
    "不予处理",
    "国家秘密",
    "内部事务信息",
    "过程性信息",
    "行政执法案卷",
    "信访举报",
    "重复申请",
    "行政复议",
    "行政诉讼",
    "结果维持",
    "结果纠正",
    "尚未审结",
    "监督保障",
    "平台建设",
    "制度建设",
    "人员培训",
    "社会评议",
    "存在问题",
    "改进情况",
    "本年度",
    "上一年度",
    "结转",
    "办理结果",
    "常务会议",
    "办公厅",
    "指引",
    "要求",
    "进一步",
    "加强",
    "推进",
    "落实",
    "深化",
    "重点领域",
    "民生",
]
ROWS_A_LIST = 100


def page(number: int, title: str) -> bytes:
    """One report page, the same at every call."""
    dice = random.Random(number)
    target = min(80_000, max(5_000, int(dice.lognormvariate(math.log(26_000), 0.62))))
    menu = "".join(
        f"<li><a href='/c/{dice.randint(1000, 9999)}/'>{word}</a></li>" for word in dice.choices(WORDS, k=30)
    )
    head = (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title><meta name='ArticleTitle' content='{title}'>"
        f"<meta name='PubDate' content='2021-03-01'></head><body><ul class='nav'>{menu}</ul><h1>{title}</h1><div class='TRS_Editor'>"
        "<p>一、总体情况</p><p>二、主动公开政府信息情况</p><p>三、收到和处理政府信息公开申请情况</p>"
    )
    parts = [head]
    size = sum(len(part.encode()) for part in parts)
    while size < target:
        if dice.random() < 0.5:
            cells = "".join(
                "<tr><td style='width:120px'>{}</td>{}</tr>".format(
                    dice.choice(WORDS), "".join(f"<td align='center'>{dice.randint(0, 999)}</td>" for _ in range(7))
                )
                for _ in range(14)
            )
            part = f"<table border='1'>{cells}</table>\n"
        else:
            part = f"<p style='text-indent:2em'>{'，'.join(dice.choices(WORDS, k=90))}{dice.randint(1, 9999)}。</p>\n"
        parts.append(part)
        size += len(part.encode())
    parts.append("</div></body></html>")
    return "".join(parts).encode()


def build(count: int) -> dict[str, bytes]:
    """All pages by path."""
    pages: dict[str, bytes] = {}
    rows: list[str] = []
    for number in range(count):
        title = f"示例{number // 17}局{2008 + number % 17}年政府信息公开工作年度报告"
        path = f"/nb/202103/t20210301_{100000 + number}.html"
        pages[path] = page(number, title)
        rows.append(f"<li><a href='{path}' title='{title}'>{title}</a><span>2021-03-01</span></li>\n")
    lists = max(1, -(-count // ROWS_A_LIST))
    for number in range(lists):
        name = "/nb/" if number == 0 else f"/nb/index_{number}.html"
        some = "".join(rows[number * ROWS_A_LIST : (number + 1) * ROWS_A_LIST])
        pages[name] = (
            f"<html><head><meta charset='utf-8'><title>政府信息公开年报</title></head><body><ul class='newsList'>{some}</ul>"
            f"<script>createPageHTML({lists}, {number}, 'index', 'html');</script></body></html>"
        ).encode()
    return pages


async def serve(pages: dict[str, bytes], port: int) -> None:
    """Answer GET requests, with ETags."""
    tags = {path: f'"{hashlib.sha256(body).hexdigest()[:16]}"'.encode() for path, body in pages.items()}

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].decode()
                body = pages.get(path)
                if body is None:
                    writer.write(
                        b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\nnot found"
                    )
                elif b"if-none-match: " + tags[path] in head.replace(b"If-None-Match", b"if-none-match"):
                    writer.write(b"HTTP/1.1 304 Not Modified\r\nETag: " + tags[path] + b"\r\n\r\n")
                else:
                    writer.write(
                        b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\nETag: %b\r\nContent-Length: %d\r\n\r\n"
                        % (tags[path], len(body))
                        + body
                    )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    asyncio.run(serve(build(options.pages), options.port))
