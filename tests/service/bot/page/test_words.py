"""mrkdwn, plain text and rich text: exactly what Slack would make of them, and nothing more."""

import re
from html import escape
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

# What a person could type to make trouble, between any other characters.
HOSTILE = (
    "<!channel>", "<@UANA>", "<#C0RANDOM|x>", "<https://evil.example|safe>", "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "javascript:alert(1)", "&lt;!here&gt;", "&amp;lt;", "```", "`", "\u202e",
    "שלום", "*bold*", ":rocket:", "</div>", "{date}", "\n> quote", "@everyone", "👩‍🚀",
)  # fmt: skip
TYPED = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12)), min_size=1, max_size=8).map(
    "".join
)

TABLE = "<thead><tr><th><div>a</div></th></tr></thead><tbody><tr><td><div>1</div></td></tr></tbody>"

# Draws one thing and says its HTML without the page's classes, so that a case reads at a glance.
SHAPE = """
([kind, given]) => {
  const { blocks, makeContext } = globalThis.gallery;
  const context = makeContext({ surface: "message", log: () => {} });
  const box = document.createElement("div");
  if (kind === "mrkdwn") box.append(blocks.renderMrkdwn(given, context));
  else box.append(blocks.renderBlocks(given, context));
  const inside = box.querySelector(".markdown") ?? box;
  for (const one of box.querySelectorAll("*")) {
    for (const { name } of [...one.attributes]) if (name !== "href" && name !== "data-broadcast") one.removeAttribute(name);
  }
  return inside.innerHTML;
}
"""  # noqa: E501 - a script reads best unbroken

DRAW = """
given => {
  const { blocks, makeContext } = globalThis.gallery;
  const box = blocks.renderBlocks(given, makeContext({ surface: "modal", log: () => {} }));
  const inside = box.querySelector(".text");
  return { text: inside.textContent, elements: [...inside.querySelectorAll("*")].map(one => one.outerHTML) };
}
"""


@pytest.mark.parametrize(
    ("given", "drawn"),
    [
        ("*bold*", "<b>bold</b>"),
        ("_it_ ~no~", "<i>it</i> <s>no</s>"),
        ("*bold _both_*", "<b>bold <i>both</i></b>"),
        ("2*3*4 and a_b_c", "2*3*4 and a_b_c"),
        ("* not bold *", "* not bold *"),
        ("*not bold", "*not bold"),
        ("*not\nbold*", "*not\nbold*"),
        ("(*bold*), *bold*.", "(<b>bold</b>), <b>bold</b>."),
        ("**", "**"),
        ("`code *not bold* &lt;`", "<code>code *not bold* &lt;</code>"),
        ("```\na *b*\n```", "<pre>a *b*</pre>"),
        ("before\n```x```\nafter", "before<pre>x</pre>after"),
        ("&gt; said\n&gt; twice\nthen", "<blockquote>said\ntwice</blockquote>then"),
        (">>> all\nof it", "<blockquote>all\nof it</blockquote>"),
        ("a &gt; b", "a &gt; b"),
        ("&amp;lt; &quot; &#39; &nbsp;", "&amp;lt; &amp;quot; &amp;#39; &amp;nbsp;"),
        ("&lt;!channel&gt;", "&lt;!channel&gt;"),
        ("<@UANA>", "<span>@Ana Silva</span>"),
        ("<@U0GONE|gone>", "<span>@gone</span>"),
        ("<#C0EXPERIMENTS>", '<a href="/archives/C0EXPERIMENTS">#experiments</a>'),
        ("<#C0GONE|old>", "<span>#old</span>"),
        ("<!subteam^SSENIORS>", "<span>@seniors</span>"),
        ("<!here>", '<span data-broadcast="here">@here</span>'),
        ("<!channel>", '<span data-broadcast="channel">@channel</span>'),
        ("<!date^1795176000^{date_num} {time}|then>", "<time>2026-11-20 12:00 PM</time>"),
        ("<!date^1795176000^{date_pretty}|then>", "<time>today</time>"),
        ("<!date^1795089600^{date_short_pretty}|then>", "<time>yesterday</time>"),
        ("<!date^1795172400^{ago}|then>", "<time>1 hour ago</time>"),
        ("<!date^1392734382^{date}, {time_secs}|then>", "<time>February 18th, 2014, 2:39:42 PM</time>"),
        ("<!date^1392734382^{date_long}|then>", "<time>Tuesday, February 18th, 2014</time>"),
        ("<!date^1392734382^{date_short}|then>", "<time>Feb 18, 2014</time>"),
        ("<!date^1795176000^{nonsense}|then>", "<time>then</time>"),
        ("<https://a.example/?a&amp;b|the *page*>", '<a href="https://a.example/?a&amp;b">the *page*</a>'),
        ("<mailto:a@b.example|mail>", '<a href="mailto:a@b.example">mail</a>'),
        ("https://a.example/x.", '<a href="https://a.example/x">https://a.example/x</a>.'),
        ("*<https://a.example|bold>*", '<b><a href="https://a.example">bold</a></b>'),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        ("<data:text/html,x|x>", "&lt;data:text/html,x|x&gt;"),
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        (":rocket: :nothing:", "<span>🚀</span> :nothing:"),
        ("# no heading\n- no list", "# no heading\n- no list"),
        ("[no](https://a.example)", '[no](<a href="https://a.example">https://a.example</a>)'),
        ("日本*x*", "日本*x*"),
        ("", ""),
    ],
)  # fmt: skip
def test_mrkdwn(drawing: Page, given: str, drawn: str) -> None:
    assert drawing.evaluate(SHAPE, ["mrkdwn", given]) == drawn


@pytest.mark.parametrize(
    ("given", "drawn"),
    [
        ("## Head *it*", "<div>Head <i>it</i></div>"),
        ("**b** __b__ ~~s~~ `c *`", "<div><b>b</b> <b>b</b> <s>s</s> <code>c *</code></div>"),
        ("*i* _i_ **b *i***", "<div><i>i</i> <i>i</i> <b>b <i>i</i></b></div>"),
        ("a\nb\n\nc", "<div>a\nb</div><div>c</div>"),
        ("snake_case_name 2*3", "<div>snake_case_name 2*3</div>"),
        ("- a\n  - b", "<ul><li><div>a</div><ul><li><div>b</div></li></ul></li></ul>"),
        ("3. a\n4. b", "<ol><li><div>a</div></li><li><div>b</div></li></ol>"),
        ("- [x] a", "<ul><li><span>☑</span><div><div>a</div></div></li></ul>"),
        ("> q\n> - a", "<blockquote><div>q</div><ul><li><div>a</div></li></ul></blockquote>"),
        ("```py\nx < 1\n```", "<div><span>py</span><pre>x &lt; 1</pre></div>"),
        ("***", "<hr>"),
        ("[a](https://a.example/(b))", '<div><a href="https://a.example/(b)">a</a></div>'),
        ("![plot](https://a.example/p.png)", '<div><a href="https://a.example/p.png">plot</a></div>'),
        ("\\*no\\* <b>no</b> &amp;", "<div>*no* &lt;b&gt;no&lt;/b&gt; &amp;amp;</div>"),
        ("<@UANA> <!channel>", "<div>&lt;@UANA&gt; &lt;!channel&gt;</div>"),
        ("|a|\n|-:|\n|1|", f"<div><table>{TABLE}</table></div>"),
    ],
)  # fmt: skip
def test_markdown(drawing: Page, given: str, drawn: str) -> None:
    assert drawing.evaluate(SHAPE, ["blocks", [{"type": "markdown", "text": given}]]) == drawn


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://a.example", True),
        ("mailto:a@b.example", True),
        ("javascript:alert(1)", False),
        (" JaVaScRiPt:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("vbscript:x", False),
        ("//a.example", False),
    ],
)
def test_only_addresses_that_can_do_no_harm_become_links(drawing: Page, url: str, is_link: bool) -> None:
    section = {"type": "rich_text_section", "elements": [{"type": "link", "url": url, "text": "press"}]}
    blocks = [{"type": "rich_text", "elements": [section]}]
    drawn = str(drawing.evaluate(SHAPE, ["blocks", blocks]))
    assert ("<a " in drawn) is is_link
    assert "press" in drawn
    markdown = [{"type": "markdown", "text": f"[press](<{url}>) <a href='{url}'>x</a> <img src=x onerror=y>"}]
    drawn = str(drawing.evaluate(SHAPE, ["blocks", markdown]))
    assert "<img" not in drawn
    assert "<a " not in drawn or is_link


def _draw(page: Page, block: dict[str, Any]) -> tuple[str, list[str]]:
    drawn = page.evaluate(DRAW, [block])
    return drawn["text"], drawn["elements"]


QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)


@QUICK
@given(text=TYPED)
def test_what_people_type_is_text_and_nothing_else_in_rich_text(drawing: Page, text: str) -> None:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    drawn, elements = _draw(drawing, {"type": "rich_text", "elements": [section]})
    assert drawn == text
    assert [one[: one.index(">") + 1] for one in elements] == ['<div class="rich-section">']


@QUICK
@given(text=TYPED)
def test_what_people_type_is_text_and_nothing_else_in_plain_text(drawing: Page, text: str) -> None:
    block = {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}
    assert _draw(drawing, block) == (text, [])


@QUICK
@given(text=TYPED, verbatim=st.booleans())
def test_escaped_text_names_nobody_and_no_link_hides_where_it_leads(
    drawing: Page, text: str, *, verbatim: bool
) -> None:
    """In mrkdwn marks of emphasis count, and, as in Slack, bare addresses unless the text is verbatim."""
    escaped = {"type": "mrkdwn", "text": escape(text, quote=False), "verbatim": verbatim}
    _, elements = _draw(drawing, {"type": "section", "text": escaped})
    assert not [one for one in elements if "mention" in one or "<time" in one or "<script" in one]
    links = [
        re.fullmatch(r'<a href="([^"]*)"[^>]*>(.*)</a>', one) for one in elements if one.startswith("<a")
    ]
    assert all(link is not None and link[1] == link[2] for link in links)
    assert not (verbatim and links)
