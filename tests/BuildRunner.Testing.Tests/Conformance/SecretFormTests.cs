using System.Text;
using NSubstitute.ExceptionExtensions;

namespace BuildRunner.Testing.Tests;

/// <summary>The forms in which the kit finds a credential.</summary>
public sealed class SecretFormTests
{
    private const string Secret = "pässword?/>~0123456789";

    private static readonly string[] Before = ["", "a", "ab", "bot:"];
    private static readonly string[] After = ["", "z", "zz"];

    public static TheoryData<string> Shown =>
    [
        $"token {Secret}!",
        $"https://ci.example.com/?token={Uri.EscapeDataString(Secret)}&x=1",
        .. from before in Before
           from after in After
           let bytes = Encoding.UTF8.GetBytes(before + Secret + after)
           from text in new[] { Convert.ToBase64String(bytes), System.Buffers.Text.Base64Url.EncodeToString(bytes) }
           select $"Basic {text}",
    ];

    public static TheoryData<string> Harmless => ["", Secret[1..], Secret.ToUpperInvariant(), Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret[1..])), "Basic Ym90OmdhbWU="];

    [Theory]
    [MemberData(nameof(Shown))]
    public async Task A_credential_is_found(string text) => (await TryAsync(text)).Should().Be(ConformanceOutcome.Failed);

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task What_is_none_is_not(string text) => (await TryAsync(text)).Should().Be(ConformanceOutcome.Passed);

    private static async Task<ConformanceOutcome> TryAsync(string text)
    {
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(Arg.Any<BuildRequest>(), Arg.Any<CancellationToken>()).Returns(new BuildId("build"));
        runner.StatusAsync(Arg.Any<BuildId>(), Arg.Any<CancellationToken>()).ThrowsAsync(new BuildNotFoundException(text));
        StubHarness harness = new(runner) { Credentials = [Secret] };
        var conformanceCase = Conformance.Cases.Single(each => each.Name == "A4: No credential is in an exception");

        return (await conformanceCase.RunAsync(harness, TestContext.Current.CancellationToken)).Outcome;
    }
}
