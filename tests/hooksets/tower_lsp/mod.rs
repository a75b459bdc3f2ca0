//! The 63 methods of a language server, as tower-lsp has them: async requests and notifications.
//!
//! A request whose result is optional is a firstresult point: the first plugin that knows an answer gives it. The other
//! requests and the notifications are collecting points. All but `initialize` and `shutdown` have a default body, which
//! also runs if all servers have answered `None`.

mod calls;
mod plugins;
mod types;

use pluginkit::prelude::*;

use types::{
    CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem,
    CallHierarchyOutgoingCall, CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams, CodeAction,
    CodeActionParams, CodeActionResponse, CodeLens, CodeLensParams, ColorInformation, ColorPresentation,
    ColorPresentationParams, CompletionItem, CompletionParams, CompletionResponse, CreateFilesParams,
    DeleteFilesParams, DidChangeConfigurationParams, DidChangeTextDocumentParams,
    DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, DocumentColorParams, DocumentDiagnosticParams,
    DocumentDiagnosticReportResult, DocumentFormattingParams, DocumentHighlight, DocumentHighlightParams,
    DocumentLink, DocumentLinkParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams,
    DocumentSymbolParams, DocumentSymbolResponse, Error, ExecuteCommandParams, FoldingRange,
    FoldingRangeParams, GotoDeclarationParams, GotoDeclarationResponse, GotoDefinitionParams,
    GotoDefinitionResponse, GotoImplementationParams, GotoImplementationResponse, GotoTypeDefinitionParams,
    GotoTypeDefinitionResponse, Hover, HoverParams, InitializeParams, InitializeResult, InitializedParams,
    InlayHint, InlayHintParams, InlineValue, InlineValueParams, LinkedEditingRangeParams,
    LinkedEditingRanges, Location, Moniker, MonikerParams, PrepareRenameResponse, ReferenceParams,
    RenameFilesParams, RenameParams, Result, SelectionRange, SelectionRangeParams, SemanticTokensDeltaParams,
    SemanticTokensFullDeltaResult, SemanticTokensParams, SemanticTokensRangeParams,
    SemanticTokensRangeResult, SemanticTokensResult, SignatureHelp, SignatureHelpParams, SymbolInformation,
    TextDocumentPositionParams, TextEdit, TypeHierarchyItem, TypeHierarchyPrepareParams,
    TypeHierarchySubtypesParams, TypeHierarchySupertypesParams, Value, WillSaveTextDocumentParams,
    WorkspaceDiagnosticParams, WorkspaceDiagnosticReportResult, WorkspaceEdit, WorkspaceSymbol,
    WorkspaceSymbolParams, warn,
};

#[extension_point(project = "lsp")]
pub(crate) trait LanguageServer {
    fn initialize(&self, params: InitializeParams) -> Result<InitializeResult>;

    fn initialized(&self, params: InitializedParams) {
        let _ = params;
        warn("initialized");
    }

    fn shutdown(&self) -> Result<()>;

    fn did_open(&self, params: DidOpenTextDocumentParams) {
        let _ = params;
        warn("did_open");
    }

    fn did_change(&self, params: DidChangeTextDocumentParams) {
        let _ = params;
        warn("did_change");
    }

    fn will_save(&self, params: WillSaveTextDocumentParams) {
        let _ = params;
        warn("will_save");
    }

    #[extension_point(firstresult)]
    fn will_save_wait_until(&self, params: WillSaveTextDocumentParams) -> Result<Option<Vec<TextEdit>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn did_save(&self, params: DidSaveTextDocumentParams) {
        let _ = params;
        warn("did_save");
    }

    fn did_close(&self, params: DidCloseTextDocumentParams) {
        let _ = params;
        warn("did_close");
    }

    #[extension_point(firstresult)]
    fn goto_declaration(&self, params: GotoDeclarationParams) -> Result<Option<GotoDeclarationResponse>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn goto_type_definition(
        &self,
        params: GotoTypeDefinitionParams,
    ) -> Result<Option<GotoTypeDefinitionResponse>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn goto_implementation(
        &self,
        params: GotoImplementationParams,
    ) -> Result<Option<GotoImplementationResponse>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn prepare_call_hierarchy(
        &self,
        params: CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn incoming_calls(
        &self,
        params: CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn outgoing_calls(
        &self,
        params: CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn prepare_type_hierarchy(
        &self,
        params: TypeHierarchyPrepareParams,
    ) -> Result<Option<Vec<TypeHierarchyItem>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn supertypes(&self, params: TypeHierarchySupertypesParams) -> Result<Option<Vec<TypeHierarchyItem>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn subtypes(&self, params: TypeHierarchySubtypesParams) -> Result<Option<Vec<TypeHierarchyItem>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn document_highlight(&self, params: DocumentHighlightParams) -> Result<Option<Vec<DocumentHighlight>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn document_link(&self, params: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn document_link_resolve(&self, params: DocumentLink) -> Result<DocumentLink> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn code_lens_resolve(&self, params: CodeLens) -> Result<CodeLens> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn selection_range(&self, params: SelectionRangeParams) -> Result<Option<Vec<SelectionRange>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn semantic_tokens_full(&self, params: SemanticTokensParams) -> Result<Option<SemanticTokensResult>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn semantic_tokens_full_delta(
        &self,
        params: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensFullDeltaResult>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn semantic_tokens_range(
        &self,
        params: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokensRangeResult>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn inline_value(&self, params: InlineValueParams) -> Result<Option<Vec<InlineValue>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn inlay_hint_resolve(&self, params: InlayHint) -> Result<InlayHint> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn moniker(&self, params: MonikerParams) -> Result<Option<Vec<Moniker>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn completion_resolve(&self, params: CompletionItem) -> Result<CompletionItem> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn workspace_diagnostic(
        &self,
        params: WorkspaceDiagnosticParams,
    ) -> Result<WorkspaceDiagnosticReportResult> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn code_action_resolve(&self, params: CodeAction) -> Result<CodeAction> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn document_color(&self, params: DocumentColorParams) -> Result<Vec<ColorInformation>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn color_presentation(&self, params: ColorPresentationParams) -> Result<Vec<ColorPresentation>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn range_formatting(&self, params: DocumentRangeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn on_type_formatting(&self, params: DocumentOnTypeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn prepare_rename(&self, params: TextDocumentPositionParams) -> Result<Option<PrepareRenameResponse>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn linked_editing_range(&self, params: LinkedEditingRangeParams) -> Result<Option<LinkedEditingRanges>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    #[extension_point(firstresult)]
    fn symbol(&self, params: WorkspaceSymbolParams) -> Result<Option<Vec<SymbolInformation>>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn symbol_resolve(&self, params: WorkspaceSymbol) -> Result<WorkspaceSymbol> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        let _ = params;
        warn("did_change_configuration");
    }

    fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let _ = params;
        warn("did_change_workspace_folders");
    }

    #[extension_point(firstresult)]
    fn will_create_files(&self, params: CreateFilesParams) -> Result<Option<WorkspaceEdit>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn did_create_files(&self, params: CreateFilesParams) {
        let _ = params;
        warn("did_create_files");
    }

    #[extension_point(firstresult)]
    fn will_rename_files(&self, params: RenameFilesParams) -> Result<Option<WorkspaceEdit>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn did_rename_files(&self, params: RenameFilesParams) {
        let _ = params;
        warn("did_rename_files");
    }

    #[extension_point(firstresult)]
    fn will_delete_files(&self, params: DeleteFilesParams) -> Result<Option<WorkspaceEdit>> {
        let _ = params;
        Err(Error::method_not_found())
    }

    fn did_delete_files(&self, params: DeleteFilesParams) {
        let _ = params;
        warn("did_delete_files");
    }

    fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        let _ = params;
        warn("did_change_watched_files");
    }

    #[extension_point(firstresult)]
    fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        let _ = params;
        Err(Error::method_not_found())
    }
}
