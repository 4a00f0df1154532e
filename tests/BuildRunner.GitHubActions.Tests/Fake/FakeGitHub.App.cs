using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace BuildRunner.GitHubActions.Tests.Fake;

/// <summary>Its App, and the tokens of the App's installation.</summary>
internal sealed partial class FakeGitHub
{
    public const string AppId = "Iv23liExample";
    public const long InstallationId = 4711;

    // One is enough for all tests, and takes a while to make.
    private static readonly Lazy<RSA> SharedKey = new(static () => RSA.Create(2048));

    private int _minted;

    /// <summary>Gets or sets the key pair of the App.</summary>
    public RSA AppKey { get; set; } = SharedKey.Value;

    /// <summary>Gets or sets how long a token of the installation lives.</summary>
    public TimeSpan TokenLife { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets how many tokens were made.</summary>
    public int Minted => _minted;

    private FakeReply MintToken(FakeRequest request)
    {
        if (!IsSigned(request.Header("Authorization")?["Bearer ".Length..] ?? ""))
        {
            return FakeReply.Json(401, GitHubAnswers.Error(401,
                "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"));
        }

        if (!request.Path.EndsWith($"/{InstallationId.ToString(CultureInfo.InvariantCulture)}/access_tokens", StringComparison.Ordinal))
        {
            return Missing;
        }

        if (JsonNode.Parse(request.Body)?["repositories"]?[0]?.GetValue<string>() != Repository)
        {
            return FakeReply.Json(422, GitHubAnswers.Error(422,
                "There is at least one repository that does not exist or is not accessible to the parent installation."));
        }

        var token = $"ghs_{Interlocked.Increment(ref _minted)}_{Guid.NewGuid():N}";
        Tokens[token] = Now + TokenLife;
        return FakeReply.Json(201, GitHubAnswers.AccessToken(token, Now + TokenLife));
    }

    private bool IsSigned(string token)
    {
        if (token.Split('.') is not [var header, var claims, var signature]
            || !AppKey.VerifyData(Encoding.ASCII.GetBytes($"{header}.{claims}"), Base64Url.DecodeFromChars(signature),
                HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            || JsonNode.Parse(Base64Url.DecodeFromChars(header))?["alg"]?.GetValue<string>() != "RS256"
            || JsonNode.Parse(Base64Url.DecodeFromChars(claims)) is not { } read)
        {
            return false;
        }

        var (issuedAt, expiresAt, now) = (read["iat"]!.GetValue<long>(), read["exp"]!.GetValue<long>(), Now.ToUnixTimeSeconds());
        return read["iss"]?.GetValue<string>() == AppId && issuedAt <= now && expiresAt > now && expiresAt <= now + 600;
    }
}
