namespace BuildRunner.Http.Tests;

/// <summary>The forms in which others write a secret. Each is spelled out here.</summary>
public sealed class SecretRedactorTests
{
    private readonly SecretRedactor _redactor = new();

    [Theory]
    [InlineData("S3cr/t\"&é", "S3cr/t\"&é")]
    [InlineData("S3cr/t\"&é", "S3cr%2Ft%22%26%C3%A9")]
    [InlineData("S3cr/t\"&é", "S3cr%2ft%22%26%c3%a9")]
    [InlineData("S3cr/t\"&é", "S3cr/t\\\"&é")]
    [InlineData("S3cr/t\"&é", "S3cr/t\\u0022\\u0026\\u00E9")]
    [InlineData("S3cr/t\"&é", "S3cr/t&quot;&amp;&#233;")]
    [InlineData("pass word", "pass+word")]
    [InlineData("pass word", "pass%20word")]
    [InlineData("secret-token", "c2VjcmV0LXRva2Vu")]
    [InlineData("secret-token", "YjpzZWNyZXQtdG9rZW46eA==")]
    [InlineData("secret-token", "Ym86c2VjcmV0LXRva2VueA==")]
    [InlineData("??>secret", "Pz8-c2VjcmV0")]
    public void A_secret_is_found_in_each_form(string secret, string form)
    {
        _redactor.Add(secret);

        _redactor.Redact($"not {form} today").Should().StartWith("not ").And.EndWith(" today").And.Contain("(secret)").And.NotContain(form);
    }

    [Fact]
    public void Each_line_of_a_key_is_found()
    {
        _redactor.Add("-----BEGIN PRIVATE KEY-----\r\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n-----END PRIVATE KEY-----\n");

        _redactor.Redact("the line BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj of it").Should().Be("the line (secret) of it");
    }

    [Fact]
    public void A_secret_that_is_added_again_outlives_those_that_are_replaced()
    {
        for (var minted = 0; minted < 200; minted++)
        {
            _redactor.Add("the password");
            _redactor.Add($"session-{minted}");
        }

        _redactor.Redact("the password, session-199, session-150 and session-1").Should().Be("(secret), (secret), (secret) and session-1");
    }
}
