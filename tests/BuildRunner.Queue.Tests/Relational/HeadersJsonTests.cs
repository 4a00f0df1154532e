using BuildRunner.Relational;
using CsCheck;

namespace BuildRunner.Queue.Tests.Relational;

public sealed class HeadersJsonTests
{
    [Fact]
    public void Headers_are_read_as_they_were_written() =>
        Gen.Dictionary(Gen.String[Gen.Char['\u0001', '\ud7ff'], 1, 10], Gen.String[Gen.Char['\u0001', '\ud7ff'], 0, 20])[0, 5].Sample(headers =>
            HeadersJson.Read(HeadersJson.Write(headers)).Should().BeEquivalentTo(headers));

    [Fact]
    public void No_headers_are_no_text()
    {
        HeadersJson.Write(new Dictionary<string, string>()).Should().BeNull();
        HeadersJson.Read(null).Should().BeEmpty();
    }
}
