using Harness.Models;

namespace Harness.Tests;

public sealed class TargetSpaceTests
{
    [Theory]
    [InlineData("The capital of France is", "Paris", true)]
    [InlineData("Where does Ada live?", "Oslo", true)]
    [InlineData("In 1969, Apollo", "11", true)]
    [InlineData("Answer:", "\"Hamlet\"", true)]
    [InlineData("He runs on", ".NET", true)] // as a word begins
    [InlineData("They speak", "!Kung", true)]
    [InlineData("His name is", "’t Hooft", true)]
    [InlineData("The price is", "5 %", true)]
    [InlineData("He wrote (", "1984", true)]
    [InlineData("The wall went up", "), starting on", true)]
    [InlineData("Q: Where?\nA: ", "Oslo", false)] // white space is there
    [InlineData("<|assistant|>\n", "Oslo", false)]
    [InlineData("Ada lives in\u00A0", "Oslo", false)]
    [InlineData("Ada lives in", " Oslo", false)]
    [InlineData("Ada lives in", "\tOslo", false)]
    [InlineData("Ada lives in Oslo", ".", false)] // close to the word
    [InlineData("Ada lives in Oslo", ", Norway", false)]
    [InlineData("Is it so", "?!", false)]
    [InlineData("It is 50", "%", false)]
    [InlineData("西河国的首都是哪里？", "新桥市", false)]
    [InlineData("《白塔记》的作者是", "林小舟", false)]
    [InlineData("《白塔记》的作者是", "John Smith", false)]
    [InlineData("首都是哪里?", "新桥市", false)] // the last letter decides behind a mark of ASCII
    [InlineData("公元前 3", "世纪", false)]
    [InlineData("1 + 1 =", "二", false)]
    [InlineData("他说：", "“好”", false)]
    [InlineData("日本の首都は", "東京", false)]
    [InlineData("日本の首都は、", "Tokyo", false)]
    [InlineData("東京", "。", false)]
    [InlineData("Tokyo", "。", false)]
    [InlineData("Tokyo is", "「東京」", true)]
    [InlineData("Ada speaks", "日本語", true)]
    [InlineData("How do you read 漢字?", "kanji", true)]
    [InlineData("What is the capital of Xihe?", "新桥市", true)]
    [InlineData("เมืองหลวงของประเทศไทยคือ", "กรุงเทพ", false)]
    [InlineData("ເມືອງຫຼວງແມ່ນ", "ວຽງຈັນ", false)]
    [InlineData("រាជធានីគឺ", "ភ្នំពេញ", false)]
    [InlineData("မြို့တော်မှာ", "နေပြည်တော်", false)]
    [InlineData("རྒྱལ་ས་ནི་", "ལྷ་ས", false)]
    [InlineData("대한민국의 수도는?", "서울", true)]
    [InlineData("대한민국의 수도는", "서울", true)]
    [InlineData("질문：", "서울", false)]
    [InlineData("ما هي عاصمة فرنسا؟", "باريس", true)]
    [InlineData("عاصمة فرنسا هي", "باريس", true)]
    [InlineData("عاصمة فرنسا هي باريس", "، مدينة النور", false)]
    [InlineData("هل هي باريس", "؟", false)]
    [InlineData("फ़्रांस की राजधानी", "पेरिस", true)]
    [InlineData("राजधानी पेरिस है", "।", false)]
    [InlineData("Столица Франции —", "Париж", true)]
    [InlineData("", "Paris", true)]
    [InlineData("Ada lives in", "", true)]
    public void Auto_puts_a_space_where_one_writes_it(string prompt, string target, bool expected) =>
        Assert.Equal(expected, TargetSpace.Auto.Puts(prompt, target));

    [Theory]
    [InlineData(TargetSpace.Always, "首都是", "新桥市", "首都是 新桥市")]
    [InlineData(TargetSpace.Always, "A:\n", "Oslo", "A:\n Oslo")]
    [InlineData(TargetSpace.Always, "lives in", " Oslo", "lives in Oslo")]
    [InlineData(TargetSpace.Never, "lives in", "Oslo", "lives inOslo")]
    [InlineData(TargetSpace.Never, "lives in", " Oslo", "lives in Oslo")]
    [InlineData(TargetSpace.Auto, "lives in ", "Oslo", "lives in Oslo")]
    [InlineData(TargetSpace.Auto, "首都是", "新桥市", "首都是新桥市")]
    public void Texts_are_otherwise_joined_as_they_are(TargetSpace rule, string prompt, string target, string expected) =>
        Assert.Equal(expected, rule.Join(prompt, target));
}
