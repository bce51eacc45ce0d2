/** Replies as the mail programs of our customers write them, made up after what each of them does; no real person's. */

/** What was answered, as text. */
const ORIGINAL = ['Dear Ann Example,', '', 'your motor policy ends on 1 March 2019.', 'https://p.example/r/abc'];
const ORIGINAL_ZH = ['尊敬的张女士：', '', '您的车险保单将于2019年3月1日到期。', 'https://p.example/r/abc'];
const quoted = (lines: readonly string[], sign = '> '): string =>
  lines.map((line) => `${sign}${line}`.trimEnd()).join('\n');
const text = (...lines: string[]): string => lines.join('\n');
const HTML_ORIGINAL = '<p>Dear Ann Example,</p><p>your motor policy ends on 1 March 2019.</p>';

export interface SampleMail {
  readonly name: string;
  /** Text part, where it has one. */
  readonly text?: string;
  readonly html?: string;
  /** The person's own words. */
  readonly words: string;
}

export const SAMPLES: readonly SampleMail[] = [
  {
    name: 'Gmail, English, top',
    text: text(
      'Please call me tomorrow.',
      '',
      'On Fri, Feb 1, 2019 at 10:00 AM Evermere Insurance <service@perennial.example>',
      'wrote:',
      '',
      quoted(ORIGINAL),
    ),
    words: 'Please call me tomorrow.',
  },
  {
    name: 'Gmail, Chinese, top',
    text: text(
      '请明天给我打电话。',
      '',
      '恒湖保险 <service@perennial.example> 于2019年2月1日周五 上午10:00写道：',
      '',
      quoted(ORIGINAL_ZH),
    ),
    words: '请明天给我打电话。',
  },
  {
    name: 'Gmail, bottom',
    text: text(
      'On Fri, Feb 1, 2019 at 10:00 AM Evermere <service@perennial.example> wrote:',
      '',
      quoted(ORIGINAL),
      '',
      'I have sold the car.',
      '',
      'Ann',
    ),
    words: 'I have sold the car.\n\nAnn',
  },
  {
    name: 'Gmail, between the lines',
    text: text(
      'On Fri, Feb 1, 2019 at 10:00 AM Evermere <service@perennial.example> wrote:',
      '> your motor policy ends on 1 March 2019.',
      '',
      'That is wrong: it ends on the 5th.',
      '',
      '> https://p.example/r/abc',
      '',
      'And this does not open.',
    ),
    words: 'That is wrong: it ends on the 5th.\n\nAnd this does not open.',
  },
  {
    name: 'Gmail, attribution over three lines',
    text: text(
      'Yes please',
      '',
      'On Fri, Feb 1, 2019 at 10:00 AM Evermere Insurance',
      '<service@perennial.example>',
      'wrote:',
      '',
      quoted(ORIGINAL),
    ),
    words: 'Yes please',
  },
  {
    name: 'Gmail, HTML only',
    html: `<div dir="ltr">Can I pay by card?<br></div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Fri, Feb 1, 2019 at 10:00 AM Evermere &lt;<a href="mailto:service@perennial.example">service@perennial.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0">${HTML_ORIGINAL}</blockquote></div>`,
    words: 'Can I pay by card?',
  },
  {
    name: 'Gmail with signature',
    text: text('Two questions:', '- is glass covered?', '- and my son?', '', '-- ', 'Ann Example', '+86 138 0000 0000'),
    words: 'Two questions:\n- is glass covered?\n- and my son?',
  },
  {
    name: 'Outlook, English',
    text: text(
      'What does it cost?',
      '',
      'Best regards',
      'Ann',
      '',
      '________________________________',
      'From: Evermere Insurance <service@perennial.example>',
      'Sent: Friday, February 1, 2019 10:00 AM',
      'To: Ann Example <ann@example.com>',
      'Subject: Your policy ends soon',
      '',
      ...ORIGINAL,
    ),
    words: 'What does it cost?\n\nBest regards\nAnn',
  },
  {
    name: 'Outlook, Chinese',
    text: text(
      '请问保费是多少？',
      '',
      '发件人: 恒湖保险 <service@perennial.example>',
      '发送时间: 2019年2月1日 10:00',
      '收件人: 张三 <zhang@example.com>',
      '主题: 您的保单即将到期',
      '',
      ...ORIGINAL_ZH,
    ),
    words: '请问保费是多少？',
  },
  {
    name: 'Outlook, older',
    text: text(
      'Thank you, renewed.',
      '',
      '-----Original Message-----',
      'From: Evermere',
      'Sent: Friday',
      'To: Ann',
      '',
      ...ORIGINAL,
    ),
    words: 'Thank you, renewed.',
  },
  {
    name: 'Outlook, older, Chinese',
    text: text(
      '已经续保，谢谢。',
      '',
      '-----邮件原件-----',
      '发件人: 恒湖保险',
      '发送时间: 2019年2月1日',
      '收件人: 张三',
      '主题: 到期',
      '',
      ...ORIGINAL_ZH,
    ),
    words: '已经续保，谢谢。',
  },
  {
    name: 'Outlook, HTML only',
    html: `<html><head><style>p{margin:0}</style></head><body><div class="WordSection1"><p class="MsoNormal">Is my trailer insured too?<o:p></o:p></p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>From:</b> Evermere &lt;service@perennial.example&gt; <br><b>Sent:</b> Friday, February 1, 2019<br><b>To:</b> Ann<br><b>Subject:</b> Your policy</p></div>${HTML_ORIGINAL}</div></body></html>`,
    words: 'Is my trailer insured too?',
  },
  {
    name: 'Outlook on the web, HTML only',
    html: `<body><div>Please send me the form.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg"><b>From:</b> Evermere<br><b>Sent:</b> Friday<br><b>To:</b> Ann<br><b>Subject:</b> x<div>&nbsp;</div></div>${HTML_ORIGINAL}</body>`,
    words: 'Please send me the form.',
  },
  {
    name: 'Outlook for telephones',
    text: text(
      'ok',
      '',
      'Get Outlook for iOS<https://aka.ms/o0ukef>',
      '________________________________',
      'From: Evermere <service@perennial.example>',
      'Sent: Friday, February 1, 2019 10:00:00 AM',
      'To: Ann <ann@example.com>',
      'Subject: Your policy',
      '',
      ...ORIGINAL,
    ),
    words: 'ok',
  },
  {
    name: 'Apple Mail, English',
    text: text(
      'My address is now 5 New Street.',
      '',
      '> On 1 Feb 2019, at 10:00, Evermere <service@perennial.example> wrote:',
      '> ',
      quoted(ORIGINAL),
    ),
    words: 'My address is now 5 New Street.',
  },
  {
    name: 'Apple Mail, Chinese',
    text: text(
      '我的地址变了。',
      '',
      '> 在 2019年2月1日，上午10:00，恒湖保险 <service@perennial.example> 写道：',
      '> ',
      quoted(ORIGINAL_ZH),
    ),
    words: '我的地址变了。',
  },
  {
    name: 'iPhone, English',
    text: text(
      'Call me after 6',
      '',
      'Sent from my iPhone',
      '',
      '> On 1 Feb 2019, at 10:00, Evermere <service@perennial.example> wrote:',
      '> ',
      quoted(ORIGINAL),
    ),
    words: 'Call me after 6',
  },
  {
    name: 'iPhone, Chinese',
    text: text(
      '六点以后打给我',
      '',
      '发自我的iPhone',
      '',
      '> 在 2019年2月1日，上午10:00，恒湖保险 <service@perennial.example> 写道：',
      '> ',
      quoted(ORIGINAL_ZH),
    ),
    words: '六点以后打给我',
  },
  {
    name: 'Apple Mail, HTML only',
    html: `<html><body style="overflow-wrap: break-word;">Where do I sign?<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>On 1 Feb 2019, at 10:00, Evermere wrote:</div><br><div>${HTML_ORIGINAL}</div></blockquote></div></body></html>`,
    words: 'Where do I sign?',
  },
  {
    name: 'QQ Mail',
    text: text(
      '麻烦明天联系我',
      '',
      '',
      '',
      '------------------ 原始邮件 ------------------',
      '发件人: "恒湖保险" <service@perennial.example>;',
      '发送时间: 2019年2月1日(星期五) 上午10:00',
      '收件人: "张三"<10001@qq.example>;',
      '主题: 您的保单即将到期',
      '',
      ...ORIGINAL_ZH,
    ),
    words: '麻烦明天联系我',
  },
  {
    name: 'QQ Mail, English interface',
    text: text(
      'Please contact me.',
      '',
      '------------------ Original ------------------',
      'From:  "Evermere"<service@perennial.example>;',
      'Date:  Fri, Feb 1, 2019 10:00 AM',
      'To:  "Ann"<10001@qq.example>;',
      '',
      ...ORIGINAL,
    ),
    words: 'Please contact me.',
  },
  {
    name: 'QQ Mail, HTML only',
    html: `<div>车已经卖了</div><div><br></div><div style="font-size: 12px;padding:2px 0;">------------------&nbsp;原始邮件&nbsp;------------------</div><div style="background:#efefef;"><div><b>发件人:</b>&nbsp;"恒湖保险"</div><div><b>发送时间:</b>&nbsp;2019年2月1日</div></div><div>${HTML_ORIGINAL}</div>`,
    words: '车已经卖了',
  },
  {
    name: 'WeChat’s mail assistant',
    text: text(
      '收到，谢谢',
      '',
      '发自我的iPhone',
      '',
      '',
      '------------------ 原始邮件 ------------------',
      '发件人: 恒湖保险 <service@perennial.example>',
      '发送时间: 2019年2月1日 10:00',
      '',
      ...ORIGINAL_ZH,
    ),
    words: '收到，谢谢',
  },
  {
    name: '163',
    text: text(
      '请发一份报价。',
      '',
      '在 2019-02-01 10:00:00，"恒湖保险" <service@perennial.example> 写道：',
      '',
      ...ORIGINAL_ZH,
    ),
    words: '请发一份报价。',
  },
  {
    name: '163, English interface',
    text: text(
      'Please send a quote.',
      '',
      'At 2019-02-01 10:00:00, "Evermere" <service@perennial.example> wrote:',
      '',
      quoted(ORIGINAL, '>'),
    ),
    words: 'Please send a quote.',
  },
  {
    name: '163 on a telephone',
    text: text(
      '好的',
      '',
      '',
      '---- 回复的原邮件 ----',
      '| 发件人 | 恒湖保险<service@perennial.example> |',
      '| 日期 | 2019年02月01日 10:00 |',
      '| 收件人 | 张三 |',
      '',
      ...ORIGINAL_ZH,
    ),
    words: '好的',
  },
  {
    name: '163, HTML only',
    html: `<div style="line-height:1.7">我要换一个联系人。<br/></div><div><br/></div><div id="divNeteaseMailCard"></div><br/>在 2019-02-01 10:00:00，"恒湖保险" &lt;service@perennial.example&gt; 写道：<br/> <blockquote id="isReplyContent" style="padding-left:1ex">${HTML_ORIGINAL}</blockquote>`,
    words: '我要换一个联系人。',
  },
  {
    name: 'Yahoo, HTML only',
    html: `<div>I am abroad until May.</div><div><br></div><div id="yahoo_quoted_123" class="yahoo_quoted"><div>On Friday, February 1, 2019, Evermere wrote:</div><div>${HTML_ORIGINAL}</div></div>`,
    words: 'I am abroad until May.',
  },
  {
    name: 'Thunderbird, German',
    text: text('Am 01.02.19 um 10:00 schrieb Evermere:', quoted(ORIGINAL), '', 'Bitte rufen Sie mich an.'),
    words: 'Bitte rufen Sie mich an.',
  },
  {
    name: 'Spanish',
    text: text(
      'Llámenme, por favor.',
      '',
      'El vie, 1 feb 2019 a las 10:00, Evermere (<service@perennial.example>) escribió:',
      '',
      quoted(ORIGINAL),
    ),
    words: 'Llámenme, por favor.',
  },
  {
    name: 'French',
    text: text(
      'Merci, tout est réglé.',
      '',
      'Le ven. 1 févr. 2019 à 10:00, Evermere <service@perennial.example> a écrit :',
      '',
      quoted(ORIGINAL),
    ),
    words: 'Merci, tout est réglé.',
  },
  {
    name: 'Samsung',
    text: text(
      'Thanks',
      '',
      'Sent from my Galaxy',
      '',
      '-------- Original message --------',
      'From: Evermere <service@perennial.example>',
      'Date: 01/02/2019 10:00 (GMT+00:00)',
      'To: Ann',
      'Subject: x',
      '',
      ...ORIGINAL,
    ),
    words: 'Thanks',
  },
  {
    name: 'a company’s disclaimer',
    text: text(
      'We will renew the fleet in March.',
      '',
      'Jane Keeper',
      'Example Logistics',
      '',
      'This email and any attachments are confidential and may be privileged.',
      'If you are not the intended recipient, delete it.',
    ),
    words: 'We will renew the fleet in March.\n\nJane Keeper\nExample Logistics',
  },
  {
    name: 'a company’s disclaimer, Chinese',
    text: text('车队三月续保。', '', '本邮件及其附件含有保密信息，仅限于发送给上面地址中列出的个人。'),
    words: '车队三月续保。',
  },
  { name: 'nothing but the mail again', text: quoted(ORIGINAL), words: '' },
  {
    name: 'a person who writes like a mark',
    text: text('她写道：', '我今天从北京来', 'From: here I do not know what to do', 'Please help'),
    words: '她写道：\n我今天从北京来\nFrom: here I do not know what to do\nPlease help',
  },
  {
    name: 'kept as it is: emoji, right-to-left marks, formulas, markup',
    text: text('=cmd()  😀 \u202Eabc\u202C', '', '<script>alert(1)</script> {{ customer.name }}'),
    words: '=cmd()  😀 \u202Eabc\u202C\n\n<script>alert(1)</script> {{ customer.name }}',
  },
  {
    name: 'HTML: what nobody sees is left out',
    html: '<style>p{}</style><script>x()</script><p>Visible &amp; said</p><div style="display:none">hidden</div><!-- no --><ul><li>one</li><li>two</li></ul>',
    words: 'Visible & said\n- one\n- two',
  },
];
