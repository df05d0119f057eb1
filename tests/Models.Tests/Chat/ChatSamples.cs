namespace Harness.Tests.Chat;

/// <summary>Templates in the manner of published ones, with what jinja2 makes of them under the settings of transformers.</summary>
internal static class ChatSamples
{
    /// <summary>
    /// The templates, the special tokens that they use, and their texts of <see cref="ChatTemplateTests.Question"/> and
    /// <see cref="ChatTemplateTests.Talk"/>; null where they refuse it.
    /// </summary>
    public static readonly (string Name, string Tokens, string Template, string? Asked, string? Talked)[] All =
    [
        (
            "Llama2", """{"bos_token": "<s>", "eos_token": "</s>"}""",
            """
            {% if messages[0]['role'] == 'system' %}{% set turns = messages[1:] %}{% set before = '<<SYS>>\n' + messages[0]['content'] + '\n<</SYS>>\n\n' %}{% else %}{% set turns = messages %}{% set before = false %}{% endif %}{% for turn in turns %}{% if (turn['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}{% if loop.index0 == 0 and before != false %}{% set text = before + turn['content'] %}{% else %}{% set text = turn['content'] %}{% endif %}{% if turn['role'] == 'user' %}{{ bos_token + '[INST] ' + text.strip() + ' [/INST]' }}{% elif turn['role'] == 'assistant' %}{{ ' ' + text.strip() + ' ' + eos_token }}{% endif %}{% endfor %}
            """,
            "<s>[INST] Where was Ada born? [/INST]",
            "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] <think>\nhm\n</think>\n\nYo </s><s>[INST] Where was Ada born? [/INST]"),
        (
            "Llama3", """{"bos_token": "<|begin_of_text|>"}""",
            """
            {% set turns = messages %}{% for turn in turns %}{% set text = '<|start_header_id|>' + turn['role'] + '<|end_header_id|>\n\n' + turn['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set text = bos_token + text %}{% endif %}{{ text }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}
            """,
            "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nWhere was Ada " +
                "born?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
            "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe " +
                "brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>" +
                "<|start_header_id|>assistant<|end_header_id|>\n\n<think>\nhm\n</think>\n\nYo<|eot_id|>" +
                "<|start_header_id|>user<|end_header_id|>\n\nWhere was Ada " +
                    "born?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"),
        (
            "Llama32", """{"bos_token": "<|begin_of_text|>"}""",
            """
            {{- bos_token }}
            {%- if not day is defined %}
                {%- if strftime_now is defined %}
                    {%- set day = strftime_now("%d %b %Y") %}
                {%- else %}
                    {%- set day = "1 Jan 2000" %}
                {%- endif %}
            {%- endif %}

            {#- What the system says comes first, after the day. #}
            {%- if messages[0].role == 'system' %}
                {%- set first = messages[0].content|trim %}
                {%- set rest = messages[1:] %}
            {%- else %}
                {%- set first = "" %}
                {%- set rest = messages %}
            {%- endif %}
            {{- "<|start_header_id|>system<|end_header_id|>\n\nToday: " + day + "\n\n" }}
            {%- if tools is not none %}
                {%- for t in tools %}
                    {{- t | tojson(indent=4) + "\n\n" }}
                {%- endfor %}
            {%- endif %}
            {{- first + "<|eot_id|>" }}
            {%- for m in rest %}
                {%- if not (m.role == 'tool' or 'tool_calls' in m) %}
                    {{- '<|start_header_id|>' + m['role'] + '<|end_header_id|>\n\n'+ m['content'] | trim + '<|eot_id|>' }}
                {%- elif not m.tool_calls|length == 1 %}
                    {{- raise_exception("One call at a time") }}
                {%- endif %}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
            {%- endif %}

            """,
            "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nToday: 26 Jul " +
                "2024\n\n<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nWhere was Ada " +
                    "born?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
            "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nToday: 26 Jul 2024\n\nBe " +
                "brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>" +
                "<|start_header_id|>assistant<|end_header_id|>\n\n<think>\nhm\n</think>\n\nYo<|eot_id|>" +
                "<|start_header_id|>user<|end_header_id|>\n\nWhere was Ada " +
                    "born?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"),
        (
            "MistralV1", """{"bos_token": "<s>", "eos_token": "</s>"}""",
            """
            {{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate user/assistant') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token + ' ' }}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}
            """,
            "<s>[INST] Where was Ada born?  [/INST]",
            null),
        (
            "MistralV3", """{"bos_token": "<s>", "eos_token": "</s>"}""",
            """
            {%- if messages[0]["role"] == "system" %}
                {%- set rule = messages[0]["content"] %}
                {%- set turns = messages[1:] %}
            {%- else %}
                {%- set turns = messages %}
            {%- endif %}
            {%- set asked = turns | selectattr("role", "equalto", "user") | list %}

            {%- set ns = namespace() %}
            {%- set ns.index = 0 %}
            {%- for turn in turns %}
                {%- if not (turn.role == "tool" or (turn.tool_calls is defined and turn.tool_calls is not none)) %}
                    {%- if (turn["role"] == "user") != (ns.index % 2 == 0) %}
                        {{- raise_exception("Turns must alternate") }}
                    {%- endif %}
                    {%- set ns.index = ns.index + 1 %}
                {%- endif %}
            {%- endfor %}

            {{- bos_token }}
            {%- for turn in turns %}
                {%- if turn["role"] == "user" %}
                    {%- if tools is not none and (turn == asked[-1]) %}
                        {%- for tool in tools %}
                            {%- for key, val in tool.items() if key != "return" %}
                                {{- '"' + key + '": ' + (val if val is string else val|tojson) }}
                                {%- if not loop.last %}{{- ", " }}{%- endif %}
                            {%- endfor %}
                        {%- endfor %}
                    {%- endif %}
                    {%- if loop.last and rule is defined %}
                        {{- "[INST] " + rule + "\n\n" + turn["content"] + "[/INST]" }}
                    {%- else %}
                        {{- "[INST] " + turn["content"] + "[/INST]" }}
                    {%- endif %}
                {%- elif turn["role"] == "assistant" %}
                    {{- " " + turn["content"] | trim + eos_token }}
                {%- endif %}
            {%- endfor %}

            """,
            "<s>[INST] Where was Ada born? [/INST]",
            "<s>[INST] Hi[/INST] <think>\nhm\n</think>\n\nYo</s>[INST] Be brief.\n\nWhere was Ada born?[/INST]"),
        (
            "Qwen25", """{"eos_token": "<|im_end|>"}""",
            """
            {%- set leads = messages[0]['role'] == 'system' %}
            {{- '<|im_start|>system\n' }}
            {%- if leads %}
                {{- messages[0]['content'] }}
            {%- else %}
                {{- 'You help.' }}
            {%- endif %}
            {%- if tools %}
                {{- "\n\n<tools>" }}
                {%- for tool in tools %}
                    {{- "\n" }}
                    {{- tool | tojson }}
                {%- endfor %}
                {{- "\n</tools>" }}
            {%- endif %}
            {{- '<|im_end|>\n' }}
            {%- for m in messages %}
                {%- if (m.role == "user") or (m.role == "system" and not loop.first) or (m.role == "assistant" and not m.tool_calls) %}
                    {{- '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>' + '\n' }}
                {%- elif m.role == "assistant" %}
                    {%- for call in m.tool_calls %}
                        {%- if call.function is defined %}
                            {%- set call = call.function %}
                        {%- endif %}
                        {{- '\n<tool_call>\n' }}
                        {{- call.arguments | tojson }}
                    {%- endfor %}
                {%- elif m.role == "tool" %}
                    {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
                        {{- '<|im_start|>user' }}
                    {%- endif %}
                {%- endif %}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|im_start|>assistant\n' }}
            {%- endif %}

            """,
            "<|im_start|>system\nYou help.<|im_end|>\n<|im_start|>user\nWhere was Ada born? <|im_end|>\n<|im_start|>assistant\n",
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\nhm\n</think>\n\nYo " +
                "<|im_end|>\n<|im_start|>user\nWhere was Ada born?<|im_end|>\n<|im_start|>assistant\n"),
        (
            "Qwen3", """{"eos_token": "<|im_end|>"}""",
            """
            {%- set ns = namespace(searching=true, asked=messages|length - 1) %}
            {%- for m in messages[::-1] %}
                {%- set at = (messages|length - 1) - loop.index0 %}
                {%- if ns.searching and m.role == "user" and m.content is string and not(m.content.startswith('<tool') and m.content.endswith('>')) %}
                    {%- set ns.searching = false %}
                    {%- set ns.asked = at %}
                {%- endif %}
            {%- endfor %}
            {%- for m in messages %}
                {%- set text = m.content if m.content is string else '' %}
                {%- if m.role in ["user", "system"] %}
                    {{- '<|im_start|>' + m.role + '\n' + text + '<|im_end|>' + '\n' }}
                {%- elif m.role == "assistant" %}
                    {%- set thought = '' %}
                    {%- if m.reasoning_content is string %}
                        {%- set thought = m.reasoning_content %}
                    {%- elif '</think>' in text %}
                        {%- set thought = text.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n') %}
                        {%- set text = text.split('</think>')[-1].lstrip('\n') %}
                    {%- endif %}
                    {%- if loop.index0 > ns.asked and (loop.last or thought) %}
                        {{- '<|im_start|>' + m.role + '\n<think>\n' + thought.strip('\n') + '\n</think>\n\n' + text.lstrip('\n') }}
                    {%- else %}
                        {{- '<|im_start|>' + m.role + '\n' + text }}
                    {%- endif %}
                    {{- '<|im_end|>\n' }}
                {%- endif %}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|im_start|>assistant\n' }}
                {%- if enable_thinking is defined and enable_thinking is false %}
                    {{- '<think>\n\n</think>\n\n' }}
                {%- endif %}
            {%- endif %}
            """,
            "<|im_start|>user\nWhere was Ada born? <|im_end|>\n<|im_start|>assistant\n",
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nYo " +
                "<|im_end|>\n<|im_start|>user\nWhere was Ada born?<|im_end|>\n<|im_start|>assistant\n"),
        (
            "ChatMl", """{}""",
            """
            {% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
            """,
            "<|im_start|>user\nWhere was Ada born? <|im_end|>\n<|im_start|>assistant\n",
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\nhm\n</think>\n\nYo " +
                "<|im_end|>\n<|im_start|>user\nWhere was Ada born?<|im_end|>\n<|im_start|>assistant\n"),
        (
            "Zephyr", """{"bos_token": "<s>", "eos_token": "</s>"}""",
            """
            {% for message in messages %}
            {% if message['role'] == 'user' %}
            {{ '<|user|>\n' + message['content'] + eos_token }}
            {% elif message['role'] == 'system' %}
            {{ '<|system|>\n' + message['content'] + eos_token }}
            {% elif message['role'] == 'assistant' %}
            {{ '<|assistant|>\n'  + message['content'] + eos_token }}
            {% endif %}
            {% if loop.last and add_generation_prompt %}
            {{ '<|assistant|>' }}
            {% endif %}
            {% endfor %}
            """,
            "<|user|>\nWhere was Ada born? </s>\n<|assistant|>\n",
            "<|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n<|assistant|>\n<think>\nhm\n</think>\n\nYo </s>\n<|user|>\nWhere was Ada " +
                "born?</s>\n<|assistant|>\n"),
        (
            "Phi3", """{"bos_token": "<s>", "eos_token": "<|endoftext|>"}""",
            """
            {% for message in messages %}{% if message['role'] == 'system' %}{{'<|system|>
            ' + message['content'] + '<|end|>
            '}}{% elif message['role'] == 'user' %}{{'<|user|>
            ' + message['content'] + '<|end|>
            '}}{% elif message['role'] == 'assistant' %}{{'<|assistant|>
            ' + message['content'] + '<|end|>
            '}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>
            ' }}{% else %}{{ eos_token }}{% endif %}
            """,
            "<|user|>\nWhere was Ada born? <|end|>\n<|assistant|>\n",
            "<|system|>\nBe brief.<|end|>\n<|user|>\nHi<|end|>\n<|assistant|>\n<think>\nhm\n</think>\n\nYo <|end|>\n<|user|>\nWhere was " +
                "Ada born?<|end|>\n<|assistant|>\n"),
        (
            "Gemma", """{"bos_token": "<bos>"}""",
            """
            {{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '
            ' + message['content'] | trim + '<end_of_turn>
            ' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model
            '}}{% endif %}
            """,
            "<bos><start_of_turn>user\nWhere was Ada born?<end_of_turn>\n<start_of_turn>model\n",
            null),
        (
            "DeepSeek", """{"bos_token": "<｜begin▁of▁sentence｜>", "eos_token": "<｜end▁of▁sentence｜>"}""",
            """
            {% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% set ns = namespace(is_first=false, is_tool=false, is_output_first=true, system_prompt='') %}{%- for message in messages %}{%- if message['role'] == 'system' %}{% set ns.system_prompt = message['content'] %}{%- endif %}{%- endfor %}{{bos_token}}{{ns.system_prompt}}{%- for message in messages %}{%- if message['role'] == 'user' %}{%- set ns.is_tool = false -%}{{'<｜User｜>' + message['content']}}{%- endif %}{%- if message['role'] == 'assistant' and message['content'] is none %}{%- set ns.is_tool = false -%}{%- for tool in message['tool_calls']%}{{tool['type'] + '\n'}}{%- endfor %}{%- endif %}{%- if message['role'] == 'assistant' and message['content'] is not none %}{% set content = message['content'] %}{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}{{'<｜Assistant｜>' + content + '<｜end▁of▁sentence｜>'}}{%- endif %}{%- endfor -%}{% if add_generation_prompt and not ns.is_tool %}{{'<｜Assistant｜><think>\n'}}{% endif %}
            """,
            "<\uff5cbegin\u2581of\u2581sentence\uff5c><\uff5cUser\uff5c>Where was Ada born? <\uff5cAssistant\uff5c><think>\n",
            "<\uff5cbegin\u2581of\u2581sentence\uff5c>Be brief.<\uff5cUser\uff5c>Hi<\uff5cAssistant\uff5c>\n\nYo " +
                "<\uff5cend\u2581of\u2581sentence\uff5c><\uff5cUser\uff5c>Where was Ada born?<\uff5cAssistant\uff5c><think>\n"),
        (
            "TinyLlama", """{"bos_token": "<s>", "eos_token": "</s>"}""",
            """
            {% for message in messages %}
            {% if message['role'] == 'user' %}
            {{ '<|user|>
            ' + message['content'] + eos_token }}
            {% elif message['role'] == 'system' %}
            {{ '<|system|>
            ' + message['content'] + eos_token }}
            {% elif message['role'] == 'assistant' %}
            {{ '<|assistant|>
            '  + message['content'] + eos_token }}
            {% endif %}
            {% if loop.last and add_generation_prompt %}
            {{ '<|assistant|>' }}
            {% endif %}
            {% endfor %}
            """,
            "<|user|>\nWhere was Ada born? </s>\n<|assistant|>\n",
            "<|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n<|assistant|>\n<think>\nhm\n</think>\n\nYo </s>\n<|user|>\nWhere was Ada " +
                "born?</s>\n<|assistant|>\n"),
        (
            "SmolLm2", """{"bos_token": "<|im_start|>", "eos_token": "<|im_end|>"}""",
            """
            {% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system
            You are a small model<|im_end|>
            ' }}{% endif %}{{'<|im_start|>' + message['role'] + '
            ' + message['content'] + '<|im_end|>' + '
            '}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
            ' }}{% endif %}
            """,
            "<|im_start|>system\nYou are a small model<|im_end|>\n<|im_start|>user\nWhere was Ada born? " +
                "<|im_end|>\n<|im_start|>assistant\n",
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\nhm\n</think>\n\nYo " +
                "<|im_end|>\n<|im_start|>user\nWhere was Ada born?<|im_end|>\n<|im_start|>assistant\n"),
        (
            "Macros", """{}""",
            """
            {%- macro turn(role, text) -%}
                {%- generation -%}<|{{ role | upper }}|>{{ text | trim }}{%- endgeneration -%}
            {%- endmacro -%}
            {%- for message in messages -%}
                {%- if message.role not in ["system", "user", "assistant"] -%}{%- continue -%}{%- endif -%}
                {{- turn(message.role, message.content) -}}
            {%- endfor -%}
            {%- if add_generation_prompt -%}<|ASSISTANT|>{%- endif -%}

            """,
            "<|USER|>Where was Ada born?<|ASSISTANT|>",
            "<|SYSTEM|>Be brief.<|USER|>Hi<|ASSISTANT|><think>\nhm\n</think>\n\nYo<|USER|>Where was Ada born?<|ASSISTANT|>"),
    ];
}
