"""The page around a report: its style sheet and its frame. No script, no outside reference."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Even a mistake could not make a browser load anything."""

STYLE = """
:root{color-scheme:light dark;--page:#f5f6f8;--card:#ffffff;--text:#1d2430;--muted:#5a6375;
--line:#dfe3ea;--soft:#f0f2f6;--link:#0b4fb3;--good:#0f7b52;--good-bg:#e7f5ee;--caution:#8a5a00;
--caution-bg:#fdf3dc;--bad:#b3261e;--bad-bg:#fdeceb;--info:#0b4fb3;--info-bg:#eaf1fc}
.on-dark{display:none}
@media screen and (prefers-color-scheme:dark){:root{--page:#0f1217;--card:#171b22;--text:#e8ebf0;
--muted:#a3adbd;--line:#2b323d;--soft:#1f252e;--link:#8fbcff;--good:#5fd0a0;--good-bg:#12291f;
--caution:#f2c261;--caution-bg:#2c2413;--bad:#ff9a91;--bad-bg:#331a19;--info:#8fbcff;
--info-bg:#15233a}.on-light{display:none}.on-dark{display:block}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);
font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Helvetica,Arial,sans-serif}
.skip{position:absolute;left:-999px}
.skip:focus{left:1rem;top:1rem;padding:.5rem 1rem;background:var(--card);z-index:1}
header,main,footer{max-width:1120px;margin:0 auto;padding:0 1.5rem}
header{padding-top:3rem}
h1{margin:0;font-size:clamp(1.7rem,4vw,2.5rem);line-height:1.2;letter-spacing:-.02em;
overflow-wrap:anywhere}
h2{margin:3rem 0 1rem;font-size:1.4rem;line-height:1.3;letter-spacing:-.01em}
h3{margin:0;font-size:1.02rem;line-height:1.4}
p{margin:.6rem 0;max-width:72ch}
.lead{font-size:1.13rem;color:var(--muted);margin-top:.8rem}
a{color:var(--link);text-underline-offset:.2em}
nav{margin-top:1.6rem;border-top:1px solid var(--line);padding-top:.9rem;font-size:.94rem}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem 1.4rem;margin:0;padding:0}
.verdict{display:flex;gap:.9rem;margin:1.4rem 0 0;padding:1rem 1.2rem;border-radius:12px;
border:1px solid}
.verdict p{margin:0;color:var(--text)}
.verdict strong{display:block}
.mark{flex:none;width:1.6rem;height:1.6rem;line-height:1.6rem;text-align:center;font-weight:700;
border-radius:50%;background:var(--card);font-size:.95rem}
.good{color:var(--good);background:var(--good-bg)}
.caution{color:var(--caution);background:var(--caution-bg)}
.bad{color:var(--bad);background:var(--bad-bg)}
.info{color:var(--info);background:var(--info-bg)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:1rem;
margin:1.4rem 0 0}
.tiles div{background:var(--card);border:1px solid var(--line);border-radius:12px;
padding:.9rem 1.1rem}
.tiles dt{font-size:.86rem;color:var(--muted)}
.tiles dd{margin:0;font-size:1.5rem;font-weight:650;line-height:1.35;overflow-wrap:anywhere;
font-variant-numeric:tabular-nums}
.facts{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.4rem 1.5rem;margin:0}
.facts dt{color:var(--muted)}
.facts dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.card,figure,.block{background:var(--card);border:1px solid var(--line);border-radius:14px;
padding:1.2rem 1.4rem;margin:0;min-width:0}
.block{margin-top:1.2rem}
.card>:first-child{margin-top:0}
.card>:last-child{margin-bottom:0}
.card p+.facts{margin-top:1rem}
.card ul{margin:0;padding-left:1.2rem}
.card li{margin:.3rem 0;overflow-wrap:anywhere}
.pictures{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:1.2rem;
align-items:stretch;margin-top:1.2rem}
figure{display:flex;flex-direction:column}
.wide{grid-column:1/-1}
.picture{margin:.8rem 0 .4rem;flex:1;display:flex;flex-direction:column;justify-content:center}
.picture svg,.picture img{display:block;width:100%;height:auto;margin:0 auto}
.picture svg text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Helvetica,
Arial,sans-serif!important}
.paper{padding:.6rem;border-radius:8px}
.paper svg text{font-family:inherit}
figcaption{color:var(--muted);font-size:.94rem}
figcaption p{margin:.3rem 0}
details{margin-top:.7rem;font-size:.9rem}
summary{cursor:pointer;color:var(--link)}
.scroll{overflow-x:auto}
details .scroll{margin-top:.6rem}
.scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--link);
outline-offset:3px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:650;padding-bottom:.6rem}
th,td{padding:.45rem .9rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top;
overflow-wrap:break-word;max-width:28rem}
thead th{color:var(--muted);font-weight:600;font-size:.9rem;border-bottom-width:2px}
tbody th{font-weight:500}
tbody tr:last-child>*{border-bottom:0}
.number{text-align:right;white-space:nowrap}
.note{color:var(--muted);font-size:.9rem}
pre{margin:.7rem 0 0;padding:1rem 1.1rem;background:var(--soft);border-radius:10px;overflow-x:auto;
font:.9rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;tab-size:4}
code{font:inherit}
footer{padding-top:2.5rem;padding-bottom:3rem;color:var(--muted);font-size:.9rem}
@media (max-width:760px){.pictures{grid-template-columns:minmax(0,1fr)}
.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.7rem}
.card,figure,.block{padding:1rem}}
@media screen and (max-width:720px){.broad .picture{overflow-x:auto;justify-content:flex-start}
.broad .picture svg,.broad .picture img{min-width:640px}
.broad .picture::after{content:"Scroll sideways to see it all.";position:sticky;left:0;
color:var(--muted);font-size:.86rem}}
@media print{:root{--page:#fff;color-scheme:light}body{font-size:10.5pt}
header,main,footer{max-width:none;padding-left:0;padding-right:0}header{padding-top:0}
nav,.skip,details{display:none}h2{margin-top:1.6rem;break-after:avoid}
figure,tr,pre,.verdict,.tiles div,.card{break-inside:avoid}pre{white-space:pre-wrap}
.scroll{overflow:visible}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
@page{margin:16mm}}
""".strip()


def page(title: str, head: str, body: str, styles: Sequence[str] = ()) -> str:
    """The whole document; ``head`` and ``body`` are markup, ``title`` is text, ``styles`` rules."""
    rules = "\n".join([STYLE, *styles])
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="gramian">
<title>{escape(title)}</title>
<style>
{rules}
</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
{head}
</header>
<main id="content">
{body}
</main>
<footer>
<p>Made with gramian. This file is complete: it holds its pictures and loads nothing.</p>
</footer>
</body>
</html>
"""
