namespace BuildRunner.Orchestration.Registration;

/// <summary>That this process takes changes of builds.</summary>
internal sealed class ChangeRegistration;
